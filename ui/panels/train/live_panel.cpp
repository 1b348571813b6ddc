// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/live_panel.h"

#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>

#include "numbers/number_text.h"
#include "numbers/typed_number.h"
#include "session/training/command_text.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

using config::LiveField;

constexpr LiveField kShown[] = {LiveField::TotalSteps, LiveField::EmaDecay, LiveField::ClipNorm, LiveField::WeightDecay,
                                LiveField::SampleEvery};

QString why(LiveField field) {
  switch (field) {
    case LiveField::TotalSteps:
      return LivePanel::tr("Where the run ends. The schedule of the learning rate stretches with it.");
    case LiveField::EmaDecay:
      return LivePanel::tr("How slowly the averaged weights follow: 0.999 looks back over some 1,000 steps.");
    case LiveField::ClipNorm:
      return LivePanel::tr("The greatest gradient norm of an update; longer gradients are shortened to it. 0: never.");
    case LiveField::WeightDecay: return LivePanel::tr("How strongly each update pulls the weights towards 0.");
    case LiveField::SampleEvery:
      return LivePanel::tr("Updates between the samples that the run draws for the Samples page. 0: none.");
    default: return {};
  }
}

QString figures(LiveField field, double value) {
  const bool whole = config::infoOf(field).whole;
  return whole ? QString::number(static_cast<qlonglong>(value)) : QString::number(value, 'g', 10);
}

}  // namespace

LivePanel::LivePanel(TrainingSession* session, QWidget* parent) : QFrame(parent), session_(session) {
  setObjectName(QStringLiteral("livePanel"));
  setProperty("surface", true);
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(8, 8, 8, 8);
  grid->setHorizontalSpacing(8);
  grid->setVerticalSpacing(4);
  auto* title = new QLabel(tr("Of the running run, from the next step on"));
  title->setProperty("subheading", true);
  title->setWordWrap(true);
  grid->addWidget(title, 0, 0, 1, 3);
  for (const auto field : kShown) addRow(grid, field);
  grid->setColumnStretch(2, 1);
  connect(session_, &TrainingSession::liveChanged, this, &LivePanel::showValues);
  connect(session_, &TrainingSession::commandApplied, this, &LivePanel::applied);
  connect(session_, &TrainingSession::commandRefused, this, &LivePanel::refused);
  connect(session_, &TrainingSession::runOpened, this, &LivePanel::showLocks);
  showLocks();
}

void LivePanel::addRow(QGridLayout* grid, LiveField field) {
  const auto& info = config::infoOf(field);
  const QString key = QString::fromLatin1(info.key);
  Row row{field, new QLabel(nameOf(field)), new QLineEdit, new QLabel};
  row.edit->setObjectName(QStringLiteral("live.") + key);
  row.edit->setAccessibleName(nameOf(field));
  row.edit->setAlignment(Qt::AlignRight);
  row.edit->setFixedWidth(96);
  row.edit->setToolTip(why(field));
  row.name->setBuddy(row.edit);
  row.name->setToolTip(why(field));
  row.note->setObjectName(QStringLiteral("liveNote.") + key);
  row.note->setProperty("muted", true);
  row.note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  const int line = static_cast<int>(rows_.size()) + 1;
  grid->addWidget(row.name, line, 0);
  grid->addWidget(row.edit, line, 1);
  grid->addWidget(row.note, line, 2);
  rows_.push_back(row);
  connect(row.edit, &QLineEdit::editingFinished, this, [this, row] { take(row); });
}

void LivePanel::take(const Row& row) {
  const double now = config::infoOf(row.field).get(session_->live().settings);
  const QString text = row.edit->text().trimmed();
  if (text == figures(row.field, now)) return;
  const auto typed = typedNumber(text);
  if (!typed) return tell(row, tr("no number"), whyNoNumber(text) + QLatin1Char(' ') + tr("It was not changed."), true);
  const auto problems = config::validateLive(row.field, *typed, session_->last().step);
  if (!problems.empty()) {
    return tell(row, QString::fromStdString(problems.front().sentence), QString::fromStdString(problems.front().remedy),
                true);
  }
  if (session_->change(row.field, *typed)) tell(row, tr("from the next step"), {}, false);
}

void LivePanel::showValues() {
  for (const auto& row : rows_) {
    if (row.edit->hasFocus() && row.edit->isModified()) continue;
    row.edit->setText(figures(row.field, config::infoOf(row.field).get(session_->live().settings)));
  }
}

void LivePanel::showLocks() {
  showValues();
  for (const auto& row : rows_) tell(row, {}, {}, false);
  const auto& recipe = session_->recipe();
  for (const auto& row : rows_) {
    if (row.field != LiveField::EmaDecay) continue;
    const bool keeps = recipe && recipe->ema.decay > 0.0;
    row.edit->setEnabled(keeps);
    if (!keeps)
      tell(row, tr("no average in this run"), tr("A run keeps averaged weights if its recipe has ema.decay above 0."),
           false);
  }
}

void LivePanel::applied(const messages::CommandApplied& command) {
  if (command.number == 0) return;
  for (const auto& row : rows_) {
    const auto& info = config::infoOf(row.field);
    if (info.get(command.before) == info.get(command.after.settings)) continue;
    row.edit->setModified(false);
    tell(row, tr("applied at step %1").arg(count(command.step)), commandText(command), false);
  }
  showValues();
}

void LivePanel::refused(const messages::CommandRefused& command) {
  for (const auto& row : rows_) {
    if (command.name != config::infoOf(row.field).key) continue;
    row.edit->setModified(false);
    tell(row, QString::fromStdString(command.sentence), QString::fromStdString(command.remedy), true);
  }
  showValues();
}

void LivePanel::tell(const Row& row, const QString& words, const QString& more, bool problem) {
  row.note->setText(words);
  row.note->setToolTip(QStringList{words, more}.join(QLatin1Char('\n')).trimmed());
  row.note->setProperty("problem", problem);
  row.note->setProperty("muted", !problem);
  row.note->setStyleSheet(row.note->styleSheet());  // properties changed: the style is looked up anew
}

}  // namespace dw::ui
