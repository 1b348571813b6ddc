// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the Train page that goes with the run under way: what is changed, planned and tried while it trains.
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "panels/train/live_panel.h"
#include "panels/train/range_test_dialog.h"
#include "panels/train/reshape_bar.h"
#include "panels/train/train_page.h"
#include "panels/train/what_if_dialog.h"
#include "plots/loss_curves.h"
#include "plots/loss_plot.h"
#include "plots/rate_plan.h"
#include "schedule/lr_schedule.h"
#include "session/training/command_text.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

/// What can be dragged of a curve: its highest rate, which is the first of several, and its last.
RatePlan planOf(const std::vector<PlotPoint>& ahead, bool endMoves) {
  const auto& peak =
      *std::max_element(ahead.begin(), ahead.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  return {.peakStep = peak.x,
          .peakRate = peak.y,
          .endStep = ahead.back().x,
          .endRate = ahead.back().y,
          .endMoves = endMoves};
}

}  // namespace

void TrainPage::openWhatIf() {
  if (whatIf_ == nullptr) whatIf_ = new WhatIfDialog(lab_, session_, draft_, dataset_, this);
  whatIf_->show();
  whatIf_->raise();
  whatIf_->activateWindow();
}

void TrainPage::openRangeTest() {
  if (rangeTest_ == nullptr) rangeTest_ = new RangeTestDialog(lab_, session_, draft_, dataset_, this);
  rangeTest_->show();
  rangeTest_->raise();
  rangeTest_->activateWindow();
}

void TrainPage::connectLive() {
  connect(reshapeButton_, &QToolButton::toggled, this, [this](bool on) {
    reshape_->setVisible(on);
    if (on) plot_->showAhead();
    showAhead();
  });
  connect(reshape_, &ReshapeBar::edited, this, &TrainPage::showAhead);
  connect(session_, &TrainingSession::liveChanged, this, &TrainPage::showAhead);
  connect(session_, &TrainingSession::runOpened, this, [this] {
    live_->show();
    showAhead();
  });
  connect(session_, &TrainingSession::commandApplied, this, [this](const messages::CommandApplied& command) {
    if (command.number > 0) plot_->addFlag({command.step, commandText(command), command.number});
  });
  connect(session_, &TrainingSession::wentBack, this,
          [this](const messages::WentBack& back) { plot_->dropFlagsAfter(back.live.changes); });
  connect(session_, &TrainingSession::validated, plot_, &LossPlot::appendValidation);
  connect(session_, &TrainingSession::measurementsRewritten, this,
          [this] { plot_->setMeasurements(session_->measurements()); });
  connect(session_, &TrainingSession::stateChanged, this, &TrainPage::showAhead);
  connect(&refresh_, &QTimer::timeout, this, [this] {
    if (reshape_->isVisibleTo(this)) showAhead();  // "now" moves on
  });
  connect(plot_, &LossPlot::planDragged, this, [this](const RatePlan& plan) {
    // Update number s, counted from 0, stands at s + 1 in the plot.
    const auto until = static_cast<std::int64_t>(std::llround(plan.peakStep)) - 1 - session_->last().step;
    reshape_->drag(plan.peakRate, plan.peakMoved ? std::optional(until) : std::nullopt, plan.endRate);
  });
  connect(plot_, &LossPlot::planDropped, reshape_, &ReshapeBar::drop);
  connect(plot_, &LossPlot::planCancelled, reshape_, &ReshapeBar::cancelDrag);
}

void TrainPage::showAhead() {
  if (!session_->canChange()) reshape_->cancelDrag();  // the run ended under the hand
  constexpr std::size_t kPoints = 400;
  std::vector<PlotPoint> points;
  if (session_->run()) {
    const auto done = session_->last().step;
    const auto edited = reshape_->isVisibleTo(this) ? reshape_->proposal(done) : std::nullopt;
    for (const auto& point : schedule::ratesAhead(edited.value_or(session_->live().settings), done, kPoints)) {
      points.push_back({static_cast<double>(point.step), point.rate});
    }
  }
  const bool movable = points.size() >= 2 && reshape_->isVisibleTo(this) && session_->canChange();
  plot_->setPlan(movable ? std::optional(planOf(points, reshape_->movesEnd())) : std::nullopt);
  plot_->setAhead(std::move(points));
}

}  // namespace dw::ui
