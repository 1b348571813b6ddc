// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the session that asks the trainer for something, and says what may be asked now.
#include <algorithm>
#include <cmath>
#include <utility>

#include "session/training/training_session.h"

namespace dw::ui {

void TrainingSession::pause() {
  if (canPause() && runner_.send(messages::Pause{})) setPending(Pending::Pausing);
}

void TrainingSession::resume() {
  if (canResume() && runner_.send(messages::Resume{})) setPending(Pending::Resuming);
}

void TrainingSession::stop() {
  if (canStop() && runner_.send(messages::Stop{})) setPending(Pending::Stopping);
}

void TrainingSession::saveNow() {
  if (!canSave() || !runner_.send(messages::SaveCheckpoint{})) return;
  ++savesAsked_;
  Q_EMIT actionsChanged();
}

bool TrainingSession::setLearningRate(double lr) {
  if (!(lr > 0.0) || !std::isfinite(lr)) return false;
  return change(config::LiveField::LearningRate, lr);
}

bool TrainingSession::send(messages::Command command) { return canChange() && runner_.send(std::move(command)); }
bool TrainingSession::change(config::LiveField field, double value) { return send(messages::Change{field, value}); }
bool TrainingSession::reshape(double peak, const config::LrCurve& shape) {
  return send(messages::Reshape{peak, shape});
}
bool TrainingSession::undo() { return canUndo() && send(messages::Undo{}); }
bool TrainingSession::redo() { return canRedo() && send(messages::Redo{}); }
bool TrainingSession::stepOnce() { return canStepOnce() && send(messages::StepOnce{}); }
bool TrainingSession::goBack() { return canResume() && send(messages::GoBack{}); }

bool TrainingSession::resumeAtHalfRate() { return resumeWith(messages::HalveRate{}); }
bool TrainingSession::skipBatch() { return resumeWith(messages::SkipBatch{}); }

bool TrainingSession::resumeWith(messages::Command remedy) {
  if (!canResume() || !send(std::move(remedy))) return false;
  setPending(Pending::Resuming);
  return true;
}

bool TrainingSession::askForWeights(bool averaged) {
  return run_ && !isOver(state_) && runner_.send(messages::CopyWeights{averaged});
}

bool TrainingSession::canTrain() const { return isOver(state_); }
bool TrainingSession::canPause() const { return state_ == messages::State::Running && pending_ == Pending::None; }
bool TrainingSession::canResume() const { return state_ == messages::State::Paused && pending_ == Pending::None; }
bool TrainingSession::canChange() const {
  return !isOver(state_) && state_ != messages::State::Stopping && pending_ != Pending::Stopping;
}
bool TrainingSession::canStop() const { return canChange(); }
bool TrainingSession::canSave() const {
  const bool alive = state_ == messages::State::Running || state_ == messages::State::Paused;
  return alive && pending_ != Pending::Stopping && savesAsked_ == 0;
}

std::optional<double> TrainingSession::secondsLeft() const {
  const double rate = stepsPerSecond();
  const bool goesOn = state_ == messages::State::Running || state_ == messages::State::Paused;
  if (!run_ || rate <= 0.0 || !goesOn || pending_ == Pending::Stopping) return std::nullopt;
  return static_cast<double>(std::max<std::int64_t>(0, run_->totalSteps - last_.step)) / rate;
}

QDateTime TrainingSession::finishClock() const {
  const auto left = secondsLeft();
  // Far dates say nothing and overflow: a century is enough.
  if (!left || *left > 100.0 * 365 * 86400) return {};
  return QDateTime::currentDateTime().addMSecs(static_cast<qint64>(*left * 1000.0));
}

}  // namespace dw::ui
