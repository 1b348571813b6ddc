// SPDX-License-Identifier: GPL-3.0-or-later
#include "forms/field_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <cmath>

#include "theme/colors.h"

namespace dw::ui {
namespace {

constexpr double kNoLimit = 1e15;  // counts without a limit carry this

QString translated(const std::string& text) { return QCoreApplication::translate("RecipeFields", text.c_str()); }

}  // namespace

QString labelOf(const config::Field& field) { return translated(field.label); }

QString whyOf(const config::Field& field) { return translated(field.why); }

QString unitOf(const config::Field& field) { return field.unit.empty() ? QString() : translated(field.unit); }

QString rangeOf(const config::Field& field) {
  const bool number = field.kind == config::FieldKind::Integer || field.kind == config::FieldKind::Number;
  if (!number || field.max <= field.min) return {};
  const QLocale locale;
  const auto text = [&locale](double v) {
    const bool plain = v == std::floor(v) && std::abs(v) < 1e7;
    return plain ? locale.toString(static_cast<qlonglong>(v)) : locale.toString(v, 'g', 3);
  };
  if (field.max >= kNoLimit) return QCoreApplication::translate("RecipeFields", "%1 or more").arg(text(field.min));
  return QCoreApplication::translate("RecipeFields", "%1 to %2").arg(text(field.min), text(field.max));
}

QString sectionOf(const QString& key) {
  const QString prefix = key.section(QLatin1Char('.'), 0, 0);
  const auto tr = [](const char* text) { return QCoreApplication::translate("RecipeFields", text); };
  if (prefix == QLatin1String("data")) return tr("Data");
  if (prefix == QLatin1String("model")) return tr("Model");
  if (prefix == QLatin1String("schedule")) return tr("Noise schedule");
  if (prefix == QLatin1String("optim")) return tr("Optimizer");
  if (prefix == QLatin1String("ema")) return tr("Averaged weights (EMA)");
  if (prefix == QLatin1String("train")) return tr("Training");
  if (prefix == QLatin1String("checkpoint")) return tr("Checkpoints");
  if (prefix == QLatin1String("sample")) return tr("Samples while training");
  return tr("Other");
}

QColor severityColor(Severity severity, const QPalette& palette) {
  const auto& colors = theme::colorsFor(palette);
  if (severity == Severity::Error) return colors.error;
  return severity == Severity::Warning ? colors.warning : colors.text;
}

}  // namespace dw::ui
