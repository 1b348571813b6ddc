// SPDX-License-Identifier: GPL-3.0-or-later
#include "numbers/typed_number.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <cmath>

namespace dw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("TypedNumber", text); }

/// "1,000", "-12,345e2": one thousand or one?
bool isAmbiguous(const QString& text) {
  static const QRegularExpression groups(QStringLiteral("^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+([eE][+-]?[0-9]+)?$"));
  return groups.match(text).hasMatch();
}

}  // namespace

QString withDecimalPoint(const QString& text) {
  static const QRegularExpression comma(QStringLiteral("^\\s*[+-]?([0-9]+,[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?\\s*$"));
  if (!comma.match(text).hasMatch() || isAmbiguous(text.trimmed())) return text;
  QString out = text;
  return out.replace(QLatin1Char(','), QLatin1Char('.'));
}

std::optional<double> typedNumber(const QString& text) {
  bool ok = false;
  const double value = withDecimalPoint(text.trimmed()).toDouble(&ok);  // of QString, not QLocale: takes no groups
  return ok && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<qint64> typedWhole(const QString& text) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  bool ok = false;
  const qint64 digits = text.trimmed().toLongLong(&ok);
  if (ok) return digits;
  const auto value = typedNumber(text);
  if (!value || *value != std::floor(*value) || std::abs(*value) > kExact) return std::nullopt;
  return static_cast<qint64>(*value);
}

QString whyNoNumber(const QString& text) {
  if (typedNumber(text)) return {};
  const QString typed = text.trimmed();
  if (typed.isEmpty()) return tr("Type a number.");
  if (isAmbiguous(typed)) {
    QString point = typed, whole = typed;
    return tr("“%1” can be read in two ways: type %2 or %3.")
        .arg(typed, point.replace(QLatin1Char(','), QLatin1Char('.')), whole.remove(QLatin1Char(',')));
  }
  return tr("“%1” is no number: type it like 0.001 or 3e-4.").arg(typed);
}

}  // namespace dw::ui
