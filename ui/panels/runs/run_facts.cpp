// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/run_facts.h"

#include <QLocale>

#include "numbers/number_text.h"
#include "panels/runs/run_text.h"
#include "session/runs/run_watch.h"
#include "theme/colors.h"

namespace dw::ui {

RunFacts::RunFacts(QWidget* parent) : QLabel(parent) {
  setObjectName(QStringLiteral("runFacts"));
  setAccessibleName(tr("Facts about the run"));
  setTextFormat(Qt::RichText);
  setTextInteractionFlags(Qt::TextSelectableByMouse);
  setWordWrap(true);
  setAlignment(Qt::AlignTop | Qt::AlignLeft);
}

void RunFacts::setRun(const run_library::RunSummary& run, const RunWatch* watch) {
  const auto& colors = theme::colors();
  QString rows;
  const auto add = [&rows, &colors](const QString& what, const QString& value, const QColor& color) {
    if (value.isEmpty()) return;
    rows +=
        QStringLiteral(
            "<tr><td style='color:%1; padding-right:12px; white-space:nowrap'>%2</td><td style='color:%3'>%4</td></tr>")
            .arg(colors.muted.name(), what.toHtmlEscaped(), color.name(), value.toHtmlEscaped());
  };
  const bool seen = watch != nullptr && watch->isRead();
  const auto state = newestState(run, watch);
  const bool here = run.ofThisProcess && (!seen || watch->trainedElsewhere().isEmpty());
  QString words = stateText(state, here);
  if (seen && !watch->trainedElsewhere().isEmpty()) words += QStringLiteral(", ") + watch->trainedElsewhere();
  add(tr("State"), words, colors.text);
  add({}, stateExplained(state, here), colors.muted);
  if (state == run_folder::RunState::Failed) add({}, QString::fromStdString(run.stateDetail), colors.error);
  if (!run.missing.empty() && !run_folder::isLive(state))
    add(tr("Missing"), QString::fromStdString(run.missing), colors.error);
  if (seen && !watch->trouble().isEmpty()) add(tr("Curve"), watch->trouble(), colors.error);
  const auto done = seen && !watch->history().empty() ? watch->history().lastStep() : run.stepsDone;
  add(tr("Steps"), stepsText(done, run.stepsPlanned), colors.text);
  if (run.bestLoss) {
    add(tr("Best loss"), tr("%1 at step %2").arg(lossText(run.bestLoss), count(run.bestStep)), colors.text);
  }
  add(tr("Data"), datasetText(run.dataset), colors.text);
  QString recipe = QString::fromStdString(run.recipeName);
  if (run.recipe)
    recipe += tr(", learning rate %1, batch %2")
                  .arg(QLocale().toString(run.recipe->optim.lr, 'g', 3))
                  .arg(run.recipe->train.batch);
  add(tr("Recipe"), recipe, colors.text);
  if (run.parent) {
    add(tr("Branched from"), tr("%1 at step %2").arg(QString::fromStdString(run.parent->run), count(run.parent->step)),
        colors.text);
  }
  const QString device = run.device.empty() ? QString() : tr(" on %1").arg(QString::fromStdString(run.device));
  add(tr("Trained"), tr("%1 of training%2, started %3").arg(durationText(run.activeS), device, dateText(run.created)),
      colors.text);
  add(tr("Size"), sizeText(run.bytes), colors.text);
  const QString table = QStringLiteral("<table cellspacing='0' cellpadding='1'>%1</table>").arg(rows);
  if (table != text()) setText(table);  // a text set anew loses what the user has marked in it
}

}  // namespace dw::ui
