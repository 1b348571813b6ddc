// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop that measures the validation loss.
#include "run/run_loop.h"

namespace dw::run {

void RunLoop::validateIfDue() {
  const auto every = recipe_.validation.every;
  if (every > 0 && (step_ % every == 0 || step_ == live().totalSteps)) validate();
}

void RunLoop::validate() {
  if (recipe_.validation.every == 0 || (validated_ && validated_->step == step_)) return;
  auto point = task_->validate([this] {
    takeCommands(false);
    return !stopAsked();
  });
  stepBegan_ = Clock::now();  // no step's time, but the run's
  if (!point) return;
  point->step = step_;
  activeS_ += point->ms / 1000.0;
  validated_ = point;
  records_->append(*point);
  report(Validated{*point});
}

}  // namespace dw::run
