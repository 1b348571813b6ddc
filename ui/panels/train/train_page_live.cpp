// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the Train page that goes with the run under way: what is changed, planned and tried while it trains.
#include <QToolButton>

#include "panels/train/live_panel.h"
#include "panels/train/range_test_dialog.h"
#include "panels/train/reshape_bar.h"
#include "panels/train/train_page.h"
#include "panels/train/what_if_dialog.h"
#include "plots/loss_curves.h"
#include "plots/loss_plot.h"
#include "schedule/lr_schedule.h"
#include "session/command_words.h"
#include "session/training_session.h"

namespace dw::ui {

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
  connect(session_, &TrainingSession::commandApplied, this, [this](const run::CommandApplied& command) {
    if (command.number > 0) plot_->addFlag({command.step, commandInWords(command), command.number});
  });
  connect(session_, &TrainingSession::wentBack, this, [this](const run::WentBack& back) { plot_->dropFlagsAfter(back.live.changes); });
  connect(session_, &TrainingSession::validated, plot_, &LossPlot::appendValidation);
  connect(session_, &TrainingSession::measurementsRewritten, this, [this] { plot_->setValidation(session_->validation()); });
}

void TrainPage::showAhead() {
  constexpr std::size_t kPoints = 400;
  std::vector<PlotPoint> points;
  if (session_->run()) {
    const auto done = session_->last().step;
    const auto edited = reshape_->isVisibleTo(this) ? reshape_->proposal(done) : std::nullopt;
    for (const auto& point : schedule::ratesAhead(edited.value_or(session_->live().settings), done, kPoints)) {
      points.push_back({static_cast<double>(point.step), point.rate});
    }
  }
  plot_->setAhead(std::move(points));
}

}  // namespace dw::ui
