// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/active_run.h"

#include <cmath>
#include <utility>

namespace dw::trainer {

ActiveRun::ActiveRun(PreparedRun& prepared)
    : task_(std::move(prepared.task)),
      recipe_(std::move(prepared.recipe)),
      control_(std::move(prepared.control)),
      changedBy_(std::move(prepared.changedBy)),
      loss_(prepared.loss),
      script_(std::move(prepared.script)),
      step_(prepared.step),
      activeS_(prepared.activeS) {}

messages::StepMetrics ActiveRun::update() {
  messages::StepMetrics metrics;
  try {
    metrics = task_->step(live());
  } catch (...) {
    if (task_->fault().partialUpdate) weightsGood_ = false;
    throw;
  }
  step_ = metrics.step;
  loss_.add(metrics.loss);
  const auto now = Clock::now();
  metrics.stepMs = std::chrono::duration<float, std::milli>(now - stepBegan_).count();
  stepBegan_ = now;
  metrics.restMs = metrics.stepMs - metrics.dataMs - metrics.forwardMs - metrics.backwardMs - metrics.optimizerMs;
  activeS_ += static_cast<double>(metrics.stepMs) / 1000.0;
  metrics.activeS = activeS_;
  return metrics;
}

void ActiveRun::applyScripted(Reporter& reporter) {
  auto& commands = script_.commands;
  for (; !commands.empty() && commands.front().step <= step_; commands.pop_front()) {
    reporter.answer(control_.apply(commands.front().command, step_, "replay"));
  }
}

std::optional<messages::ValidationPoint> ActiveRun::validate(const std::function<bool()>& keepOn) {
  if (recipe_.validation.every == 0 || (validated_ && validated_->step == step_)) return std::nullopt;
  auto point = task_->validate(keepOn);
  restartClock();  // no step's time, but the run's
  if (!point) return std::nullopt;
  point->step = step_;
  activeS_ += point->ms / 1000.0;
  validated_ = point;
  return point;
}

CheckpointSaver::Content ActiveRun::content() {
  auto facts = loss_.toJson();
  facts["live"] = control_.toJson();
  if (validated_ && validated_->step == step_ && std::isfinite(validated_->loss))
    facts["validation_loss"] = validated_->loss;
  return {.point = point(), .snapshot = task_->takeSnapshot(live()), .facts = std::move(facts)};
}

messages::WentBack ActiveRun::goTo(const run_folder::CheckpointInfo& target, Reporter& reporter) {
  const auto from = step_;
  const auto state = run_folder::readState(target.folder);
  weightsGood_ = false;
  task_->goTo(target.folder);
  weightsGood_ = true;
  step_ = target.step;
  loss_ = run_folder::SmoothedLoss::fromJson(state);
  reporter.answer(control_.restore(state.value("live", nlohmann::json()), recipe_, step_, changedBy_));
  validated_.reset();
  return {.from = from, .to = step_, .checkpoint = target.folder, .live = control_.state()};
}

}  // namespace dw::trainer
