// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/training_session.h"

#include <utility>

namespace dw::ui {
namespace {

constexpr int kSeenMs = 16;
constexpr int kHiddenMs = 100;

}  // namespace

TrainingSession::TrainingSession(trainer::TaskFactory makeTask, QObject* parent)
    : QObject(parent), makeTask_(std::move(makeTask)), runner_(makeTask_) {
  timer_.setTimerType(Qt::PreciseTimer);
  timer_.setInterval(kSeenMs);
  connect(&timer_, &QTimer::timeout, this, &TrainingSession::drain);
}

TrainingSession::~TrainingSession() = default;

bool TrainingSession::start(trainer::RunRequest request) {
  drain();
  if (!runner_.finished()) return false;
  auto recipe = trainer::recipeOf(request);
  droppedBefore_ = runner_.droppedMetrics();  // now: by the time RunOpened is seen, steps may have been dropped already
  if (!runner_.start(std::move(request), trainer::OnTrouble::Pause)) return false;
  recipe_ = std::move(recipe);
  failure_.reset();
  trouble_.reset();
  progress_.reset();
  // Nothing of the run before may pass for this one's while it is being prepared, or if that fails.
  run_.reset();
  history_.clear();
  timesteps_.clear();
  measured_.clear();
  ++measurementsAsked_;
  rate_.clear();
  last_ = {};
  live_ = {};
  gapSeen_ = false;
  missing_ = {};
  savesAsked_ = 0;
  pending_ = Pending::None;
  timer_.start();
  Q_EMIT historyRewritten();
  Q_EMIT measurementsRewritten();
  enter(messages::State::Preparing);
  return true;
}

void TrainingSession::setVisible(bool visible) { timer_.setInterval(visible ? kSeenMs : kHiddenMs); }

void TrainingSession::setLive(const messages::LiveState& live) {
  live_ = live;
  if (run_) run_->totalSteps = live.settings.totalSteps;
  Q_EMIT liveChanged();
}

void TrainingSession::enter(messages::State next) {
  if (next == state_) return;
  state_ = next;
  const bool answered = (pending_ == Pending::Pausing && next == messages::State::Paused) ||
                        (pending_ == Pending::Resuming && next == messages::State::Running) ||
                        next == messages::State::Stopping || isOver(next);
  if (answered) pending_ = Pending::None;
  if (next == messages::State::Running || isOver(next)) trouble_.reset();
  if (isOver(next)) savesAsked_ = 0;
  const bool resting = isOver(next) || next == messages::State::Paused;
  // Records dropped at the very end leave no gap between two steps, only a higher count.
  if (resting && run_ && runner_.droppedMetrics() > droppedBefore_) gapSeen_ = true;
  Q_EMIT stateChanged(next);
  Q_EMIT actionsChanged();
}

void TrainingSession::setPending(Pending pending) {
  pending_ = pending;
  Q_EMIT actionsChanged();
}

}  // namespace dw::ui
