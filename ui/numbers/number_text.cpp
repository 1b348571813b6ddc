// SPDX-License-Identifier: GPL-3.0-or-later
#include "numbers/number_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text_format.h"

namespace dw::ui {
namespace {

constexpr double kDay = 86400.0, kTwoDays = 2.0 * kDay;

QString tr(const char* text) { return QCoreApplication::translate("NumberText", text); }
QString decimals(double value, int digits) { return QLocale().toString(value, 'f', digits); }

}  // namespace

QString shortNumber(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? QStringLiteral("NaN") : QStringLiteral("∞");
  const double size = std::abs(value);
  QString text;
  if (size == 0.0) {
    text = QStringLiteral("0");
  } else if (size >= 1e5 || size < 1e-3) {
    text = QString::number(value, 'e', size < 1.0 ? 1 : 2);  // small ones with a minus in the exponent: as wide
    const auto exponent = text.indexOf(QLatin1Char('e'));    // e-05 -> e-5: tables are narrow
    text = text.left(exponent + 1) + QString::number(text.mid(exponent + 1).toInt());
  } else if (size < 0.01) {
    text = QString::number(value, 'g', 2);  // three decimals would round it to nothing
  } else {
    text = QString::number(value, 'f', size < 10 ? 3 : 1);
  }
  return text.replace(QLatin1Char('-'), QChar(0x2212));
}

QString count(std::int64_t value) { return QLocale().toString(static_cast<qlonglong>(value)); }

int plural(std::int64_t value) {
  return static_cast<int>(std::clamp<std::int64_t>(value, 0, std::numeric_limits<int>::max()));
}

QString sizeText(std::uint64_t bytes) {
  return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeSIFormat);
}

QString gibibytesText(std::uint64_t bytes) {
  return tr("%1 GiB").arg(decimals(static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0), 2));
}

QString durationText(double seconds) {
  if (seconds >= kTwoDays) return tr("%1 days").arg(decimals(seconds / kDay, 1));
  return QString::fromStdString(dw::durationText(seconds));
}

QString roughDurationText(double seconds) {
  if (!(seconds >= 90.0)) return tr("%1 s").arg(QLocale().toString(std::max(seconds, 0.0), 'g', 2));
  if (seconds < 5400.0) return tr("%1 min").arg(decimals(seconds / 60.0, 0));
  if (seconds < kTwoDays) return tr("%1 h").arg(decimals(seconds / 3600.0, 1));
  return tr("%1 days").arg(decimals(seconds / kDay, 0));
}

QString secondsText(double seconds) { return tr("%1 s").arg(decimals(seconds, 1)); }

}  // namespace dw::ui
