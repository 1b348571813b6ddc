// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/command_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <cmath>

#include "config/field_text.h"
#include "numbers/number_text.h"

namespace dw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("CommandText", text); }

/// "4 of the settings" is no flag: only what changed, and how.
QString differenceText(const messages::CommandApplied& command) {
  QStringList parts;
  for (const auto& info : config::liveFields()) {
    const double before = info.get(command.before), after = info.get(command.after.settings);
    if (before == after) continue;
    const auto figures = [&info](double value) {
      return info.whole ? count(std::llround(value)) : rateInFigures(value);
    };
    parts.append(tr("%1 %2 to %3").arg(nameOf(info.field), figures(before), figures(after)));
  }
  if (!(command.before.shape == command.after.settings.shape)) {
    parts.append(tr("schedule: %1").arg(QString::fromStdString(config::toText(command.after.settings.shape.kind))));
  }
  return parts.join(QStringLiteral(", "));
}

}  // namespace

QString rateInFigures(double rate) {
  QString text = QLocale::c().toString(rate, 'g', 4);
  return text.replace(QLatin1String("e-0"), QLatin1String("e-")).replace(QLatin1String("e+0"), QLatin1String("e+"));
}

QString nameOf(config::LiveField field) {
  switch (field) {
    case config::LiveField::LearningRate: return tr("learning rate");
    case config::LiveField::ClipNorm: return tr("gradient clip");
    case config::LiveField::WeightDecay: return tr("weight decay");
    case config::LiveField::EmaDecay: return tr("EMA decay");
    case config::LiveField::TotalSteps: return tr("total steps");
    case config::LiveField::SampleEvery: return tr("sample period");
  }
  return {};
}

QString commandText(const messages::CommandApplied& command) {
  QString text = differenceText(command);
  if (command.name == "undo") text = tr("undone: %1").arg(text);
  if (command.name == "redo") text = tr("redone: %1").arg(text);
  if (command.name == "skip_batch") text = tr("batch left out");
  if (text.isEmpty())
    text = QString::fromStdString(command.detail.empty() ? command.name : command.name + ": " + command.detail);
  return text;
}

}  // namespace dw::ui
