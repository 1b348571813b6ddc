// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/noise/schedule_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "config/field_text.h"
#include "forms/choice_box.h"
#include "numbers/typed_number.h"
#include "schedule/beta_kinds.h"
#include "schedule/noise_schedule.h"
#include "session/noise/noise_lab.h"
#include "session/training/recipe_draft.h"
#include "theme/icons.h"
#include "theme/widgets.h"

namespace dw::ui {
namespace {

QComboBox* kindBox(const char* name, const QString& accessible) {
  auto* box = new QComboBox;
  box->setObjectName(QLatin1String(name));
  box->setAccessibleName(accessible);
  box->setFocusPolicy(Qt::StrongFocus);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(14);
  return box;
}

QString numberText(double value) { return QString::number(value, 'g', 6); }

}  // namespace

ScheduleBar::ScheduleBar(NoiseLab* lab, RecipeDraft* draft, QWidget* parent)
    : QWidget(parent), lab_(lab), draft_(draft) {
  setObjectName(QStringLiteral("scheduleBar"));
  kind_ = kindBox("scheduleKind", tr("Noise schedule"));
  compared_ = kindBox("scheduleCompared", tr("Second schedule to compare with"));
  compared_->addItem(tr("nothing"), QString());
  addChoices<config::ScheduleKind>(kind_);
  addChoices<config::ScheduleKind>(compared_);
  steps_ = numberField("scheduleSteps", tr("Steps T"), 7);
  betaMin_ = numberField("scheduleBetaMin", tr("First β"), 9);
  betaMax_ = numberField("scheduleBetaMax", tr("Last β"), 9);
  shift_ = numberField("scheduleShift", tr("Shift of the path towards noise"), 6);
  points_ = numberField("schedulePoints", tr("Points of the curve: share of T, colon, ᾱ"), 26);
  points_->setAlignment(Qt::AlignLeft);
  points_->setToolTip(
      tr("Drag the points in the chart of ᾱ; a double click there adds one, a right click takes one away"));
  layOut();
  connectAll();
  followRecipe();
}

QLineEdit* ScheduleBar::numberField(const char* name, const QString& label, int characters) {
  auto* field = new QLineEdit;
  field->setObjectName(QLatin1String(name));
  field->setAccessibleName(label);
  field->setAlignment(Qt::AlignRight);
  field->setFixedWidth(field->fontMetrics().horizontalAdvance(QString(characters, QLatin1Char('0'))) + 16);
  connect(field, &QLineEdit::textEdited, this, &ScheduleBar::takeFields);
  return field;
}

void ScheduleBar::layOut() {
  problem_ = new QLabel;
  problem_->setObjectName(QStringLiteral("scheduleProblem"));
  problem_->setProperty("problem", true);
  problem_->setWordWrap(true);
  fix_ = new QPushButton;
  fix_->setObjectName(QStringLiteral("scheduleFix"));
  fix_->setAccessibleName(tr("Mend the schedule"));
  use_ = new QPushButton(tr("Use for training"));
  use_->setObjectName(QStringLiteral("scheduleUse"));
  use_->setToolTip(tr("Puts this schedule into the recipe of the next run"));
  back_ = new QPushButton(tr("As in the recipe"));
  back_->setObjectName(QStringLiteral("scheduleBack"));
  auto* save = new QPushButton(theme::icon(QStringLiteral("export")), QString());
  save->setObjectName(QStringLiteral("scheduleExport"));
  save->setAccessibleName(tr("Save the curves as a picture"));
  save->setToolTip(save->accessibleName());
  connect(save, &QPushButton::clicked, this, &ScheduleBar::exportRequested);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  theme::addLabelled(row, tr("Schedule"), kind_);
  theme::addLabelled(row, tr("T"), steps_);
  rangeRow_ = theme::addLabelled(row, tr("β from"), betaMin_);
  for (auto* widget : theme::addLabelled(row, tr("to"), betaMax_)) rangeRow_.push_back(widget);
  shiftRow_ = theme::addLabelled(row, tr("shift"), shift_);
  pointsRow_ = theme::addLabelled(row, tr("ᾱ at share of T"), points_);
  row->addSpacing(8);
  theme::addLabelled(row, tr("beside it"), compared_);
  row->addStretch(1);
  row->addWidget(use_);
  row->addWidget(back_);
  row->addWidget(save);
  auto* below = new QHBoxLayout;
  below->addWidget(problem_, 1);
  below->addWidget(fix_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addLayout(row);
  column->addLayout(below);
}

void ScheduleBar::connectAll() {
  connect(kind_, &QComboBox::activated, this, &ScheduleBar::takeFields);
  connect(compared_, &QComboBox::activated, this,
          [this] { lab_->setCompared(chosen<config::ScheduleKind>(compared_)); });
  connect(lab_, &NoiseLab::problemsChanged, this, &ScheduleBar::showProblems);
  connect(lab_, &NoiseLab::scheduleChanged, this, &ScheduleBar::showDifference);
  connect(draft_, &RecipeDraft::changed, this, [this] {
    if (!ownSettings_) followRecipe();
    showDifference();
  });
  connect(use_, &QPushButton::clicked, this, &ScheduleBar::useForTraining);
  connect(back_, &QPushButton::clicked, this, &ScheduleBar::followRecipe);
  connect(fix_, &QPushButton::clicked, this, &ScheduleBar::mend);
}

void ScheduleBar::followRecipe() {
  ownSettings_ = false;
  unreadable_.clear();
  show(draft_->recipe().schedule);
  lab_->setSettings(draft_->recipe().schedule);
  showProblems();
  showDifference();
}

void ScheduleBar::showKind() {
  const auto kind = chosen<config::ScheduleKind>(kind_);
  if (!kind) return;
  const auto facts = schedule::betaKind(*kind);
  for (auto* widget : rangeRow_) widget->setVisible(facts.usesRange);
  for (auto* widget : shiftRow_) widget->setVisible(facts.usesShift);
  for (auto* widget : pointsRow_) widget->setVisible(facts.usesPoints);
}

void ScheduleBar::show(const config::ScheduleSettings& settings) {
  choose(kind_, settings.kind);
  steps_->setText(QString::number(settings.steps));
  betaMin_->setText(numberText(settings.betaMin));
  betaMax_->setText(numberText(settings.betaMax));
  shift_->setText(numberText(settings.shift));
  points_->setText(QString::fromStdString(settings.points));
  showKind();
}

void ScheduleBar::takeFields() {
  ownSettings_ = true;
  unreadable_.clear();
  auto settings = lab_->settings();
  settings.kind = chosen<config::ScheduleKind>(kind_).value_or(settings.kind);
  const auto take = [this](const char* field, const auto& number, auto& value, const QString& text,
                           const QString& usual) {
    if (number)
      value = *number;
    else
      unreadable_.push_back({.field = field,
                             .sentence = tr("“%1” is no number").arg(text).toStdString(),
                             .remedy = tr("use %1").arg(usual).toStdString(),
                             .fix = usual.toStdString()});
  };
  const auto takeNumber = [&take](const char* field, const QLineEdit* edit, double& value, const QString& usual) {
    take(field, typedNumber(edit->text()), value, edit->text(), usual);
  };
  take("schedule.steps", typedWhole(steps_->text()), settings.steps, steps_->text(), QStringLiteral("1000"));
  takeNumber("schedule.beta_min", betaMin_, settings.betaMin, QStringLiteral("0.0001"));
  takeNumber("schedule.beta_max", betaMax_, settings.betaMax, QStringLiteral("0.02"));
  takeNumber("schedule.shift", shift_, settings.shift, QStringLiteral("1"));
  settings.points = points_->text().toStdString();
  showKind();
  if (unreadable_.empty()) lab_->setSettings(settings);
  showProblems();
  showDifference();
}

void ScheduleBar::showProblems() {
  const auto& problems = unreadable_.empty() ? lab_->problems() : unreadable_;
  const auto mark = [&](QLineEdit* field, const char* key) {
    bool wrong = false;
    for (const auto& problem : problems) wrong = wrong || problem.field == key;
    field->setStyleSheet(
        wrong ? QStringLiteral("QLineEdit { border: 1px solid #c9443b; border-radius: 3px; padding: 2px; }")
              : QString());
  };
  mark(steps_, "schedule.steps");
  mark(betaMin_, "schedule.beta_min");
  mark(betaMax_, "schedule.beta_max");
  mark(shift_, "schedule.shift");
  mark(points_, "schedule.points");
  // Points that were dragged in the chart.
  if (!points_->hasFocus() && points_->text().toStdString() != lab_->settings().points) {
    points_->setText(QString::fromStdString(lab_->settings().points));
    ownSettings_ = true;
  }
  problem_->setVisible(!problems.empty());
  fix_->setVisible(!problems.empty() && !problems.front().fix.empty());
  if (problems.empty()) return;
  const auto& first = problems.front();
  problem_->setText(tr("%1; %2. The curves below are the last possible ones.")
                        .arg(QString::fromStdString(first.sentence), QString::fromStdString(first.remedy)));
  fix_->setText(tr("Set to %1").arg(QString::fromStdString(first.fix)));
}

void ScheduleBar::mend() {
  const auto problems = unreadable_.empty() ? lab_->problems() : unreadable_;
  if (problems.empty()) return;
  const auto& first = problems.front();
  auto* field = first.field == "schedule.steps"      ? steps_
                : first.field == "schedule.beta_min" ? betaMin_
                : first.field == "schedule.shift"    ? shift_
                : first.field == "schedule.points"   ? points_
                                                     : betaMax_;
  field->setText(QString::fromStdString(first.fix));
  takeFields();
}

void ScheduleBar::showDifference() {
  const bool differs = ownSettings_ && !(lab_->settings() == draft_->recipe().schedule);
  use_->setEnabled(differs && unreadable_.empty() && lab_->problems().empty());
  use_->setVisible(ownSettings_);
  back_->setVisible(ownSettings_ && (differs || !unreadable_.empty()));
}

void ScheduleBar::useForTraining() {
  const auto settings = lab_->settings();
  draft_->setField(QStringLiteral("schedule.kind"), QString::fromStdString(config::toText(settings.kind)));
  draft_->setField(QStringLiteral("schedule.steps"), QString::number(settings.steps));
  draft_->setField(QStringLiteral("schedule.beta_min"), numberText(settings.betaMin));
  draft_->setField(QStringLiteral("schedule.beta_max"), numberText(settings.betaMax));
  draft_->setField(QStringLiteral("schedule.shift"), numberText(settings.shift));
  draft_->setField(QStringLiteral("schedule.points"), QString::fromStdString(settings.points));
  ownSettings_ = false;
  showDifference();
}

}  // namespace dw::ui
