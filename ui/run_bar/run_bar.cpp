// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_bar/run_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QResizeEvent>
#include <algorithm>

#include "config/recipe.h"
#include "run_bar/rate_control.h"
#include "run_bar/recipe_menu.h"
#include "run_bar/run_text.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/icons.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {

constexpr int kRefreshMs = 250;   // figures that change faster cannot be read
constexpr int kBarParts = 10000;  // QProgressBar counts in int; steps may not fit

void name(QWidget* widget, const char* object, const QString& accessible) {
  widget->setObjectName(QLatin1String(object));
  widget->setAccessibleName(accessible);
}

/// A label that takes what room there is and never asks for more.
QLabel* yieldingLabel() {
  auto* label = new QLabel;
  label->setTextFormat(Qt::PlainText);
  label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  return label;
}

}  // namespace

RunBar::RunBar(Workbench* workbench, QWidget* parent)
    : QWidget(parent), workbench_(workbench), session_(workbench->training()), draft_(workbench->draft()) {
  setObjectName(QStringLiteral("runBar"));
  buildButtons();
  buildReadouts();
  layOut();
  connectAll();
  refresh_.setInterval(kRefreshMs);
  showRecipe();
  showActions();
}

void RunBar::buildButtons() {
  recipe_ = new RecipeMenu(draft_);
  primary_ = new QPushButton;
  name(primary_, "primaryButton", tr("Train, pause or resume"));
  primary_->setProperty("primary", true);
  // The longest of its three texts keeps the bar from moving when it changes.
  const QStringList texts{tr("Train"), tr("Pause"), tr("Resume")};
  int width = 0;
  for (const auto& text : texts) width = std::max(width, primary_->fontMetrics().horizontalAdvance(text));
  primary_->setMinimumWidth(width + 64);
  step_ = new QPushButton(theme::icon(QStringLiteral("step")), tr("Step"));
  name(step_, "stepButton", tr("Train one step"));
  stop_ = new QPushButton(theme::icon(QStringLiteral("stop")), tr("Stop"));
  name(stop_, "stopButton", tr("Stop the run and save"));
  save_ = new QPushButton(theme::icon(QStringLiteral("save")), tr("Save now"));
  name(save_, "saveButton", tr("Save a checkpoint now"));
}

void RunBar::buildReadouts() {
  state_ = yieldingLabel();
  name(state_, "stateText", tr("State of the run"));
  bar_ = new QProgressBar;
  name(bar_, "runProgress", tr("Progress of the run"));
  bar_->setRange(0, kBarParts);
  bar_->setTextVisible(false);
  bar_->setFixedHeight(8);
  QSizePolicy room = bar_->sizePolicy();
  room.setRetainSizeWhenHidden(true);
  bar_->setSizePolicy(room);
  speed_ = new QLabel;
  name(speed_, "rateText", tr("Speed"));
  speed_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  speed_->setMinimumWidth(speed_->fontMetrics().horizontalAdvance(tr("%1 steps/s").arg(QStringLiteral("0000.0"))));
  rate_ = new RateControl(session_, draft_);
  left_ = new QLabel;
  name(left_, "timeText", tr("Time left"));
  left_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
}

void RunBar::layOut() {
  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  recipeCaption_ = new QLabel(tr("recipe"));
  recipeCaption_->setProperty("muted", true);
  recipeCaption_->setBuddy(recipe_);
  for (QWidget* widget : std::initializer_list<QWidget*>{recipeCaption_, recipe_, primary_, step_, stop_, save_})
    top->addWidget(widget);
  top->addSpacing(8);
  top->addWidget(state_, 1);
  top->addWidget(left_);
  auto* bottom = new QHBoxLayout;
  bottom->setSpacing(16);
  bottom->addWidget(bar_, 1);
  bottom->addWidget(speed_);
  bottom->addWidget(rate_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 4);
  column->setSpacing(4);
  column->addLayout(top);
  column->addLayout(bottom);
}

void RunBar::connectAll() {
  connect(recipe_, &RecipeMenu::failed, this, &RunBar::failed);
  connect(step_, &QPushButton::clicked, session_, &TrainingSession::stepOnce);
  connect(primary_, &QPushButton::clicked, this, &RunBar::pressPrimary);
  connect(stop_, &QPushButton::clicked, session_, &TrainingSession::stop);
  connect(save_, &QPushButton::clicked, session_, &TrainingSession::saveNow);
  connect(session_, &TrainingSession::actionsChanged, this, &RunBar::showActions);
  connect(session_, &TrainingSession::progress, this, &RunBar::showProgress);
  connect(session_, &TrainingSession::runOpened, this, &RunBar::showProgress);
  connect(draft_, &RecipeDraft::problemsChanged, this, &RunBar::showActions);
  connect(&refresh_, &QTimer::timeout, this, &RunBar::showProgress);
}

void RunBar::pressPrimary() {
  if (session_->canTrain()) {
    workbench_->train();
  } else if (session_->canPause()) {
    session_->pause();
  } else {
    session_->resume();
  }
}

void RunBar::showActions() {
  const bool train = session_->canTrain();
  const bool paused = session_->state() == messages::State::Paused;
  primary_->setText(train ? tr("Train") : paused ? tr("Resume") : tr("Pause"));
  primary_->setIcon(
      theme::icon(train || paused ? QStringLiteral("play") : QStringLiteral("pause"), theme::IconTint::OnAccent));
  const auto set = [](QPushButton* button, const QString& whyNot, const QString& otherwise) {
    button->setEnabled(whyNot.isEmpty());
    button->setToolTip(whyNot.isEmpty() ? otherwise : whyNot);
  };
  set(primary_, whyNoPrimary(*session_, draft_->whyNotReady()),
      train    ? tr("Start a run with this recipe on the open dataset")
      : paused ? tr("Go on training")
               : tr("Pause after the step in hand"));
  set(step_, whyNoStep(*session_), tr("Train one step, then pause again (F10)"));
  set(stop_, whyNoStop(*session_), tr("End the run after the step in hand and save its weights"));
  set(save_, whyNoSave(*session_), tr("Save a checkpoint; training goes on"));
  if (session_->isBusy() && !refresh_.isActive()) refresh_.start();
  if (!session_->isBusy()) refresh_.stop();
  showRecipe();
  showProgress();
}

void RunBar::showRecipe() {
  recipe_->setTip(session_->isBusy() ? tr("Recipe of the next run; the running run keeps its own.")
                                     : tr("Recipe of the next run. Choosing one starts over from its values."));
}

void RunBar::showProgress() {
  const QString state = stateText(*session_);
  state_->setText(state);
  const QString idle = session_->state() == messages::State::Idle ? draft_->whyNotReady() : QString();
  if (!idle.isEmpty()) state_->setText(idle);
  state_->setToolTip(state_->text());
  double done = 0.0;
  if (session_->state() == messages::State::Preparing) {
    done = session_->preparing() ? session_->preparing()->fraction : 0.0;
  } else if (session_->run() && session_->run()->totalSteps > 0) {
    done = static_cast<double>(session_->last().step) / static_cast<double>(session_->run()->totalSteps);
  }
  bar_->setVisible(session_->state() != messages::State::Idle);
  bar_->setValue(static_cast<int>(kBarParts * std::clamp(done, 0.0, 1.0)));
  const bool goesOn = session_->state() == messages::State::Running || session_->state() == messages::State::Paused;
  speed_->setText(goesOn ? speedText(session_->stepsPerSecond()) : QString());
  left_->setText(timeLeftText(*session_));
}

void RunBar::multiplyRate(double factor) { rate_->multiply(factor); }

void RunBar::setCompact(bool compact) {
  recipeCaption_->setVisible(!compact);
  const std::initializer_list<std::pair<QPushButton*, QString>> buttons{
      {step_, tr("Step")}, {stop_, tr("Stop")}, {save_, tr("Save now")}};
  for (const auto& [button, text] : buttons) button->setText(compact ? QString() : text);
  speed_->setVisible(!compact);
  rate_->setCompact(compact);
}

void RunBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  constexpr int kNarrow = 960;  // 200 % scale on a small screen leaves half of 1280
  setCompact(event->size().width() < kNarrow);
}

}  // namespace dw::ui
