// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop that measures the validation loss.
#include "trainer/run_loop.h"

namespace dw::trainer {
namespace {

/// True until it goes, however that happens.
class OnScope {
 public:
  explicit OnScope(bool& flag) : flag_(flag) { flag_ = true; }
  ~OnScope() { flag_ = false; }
  OnScope(const OnScope&) = delete;
  OnScope& operator=(const OnScope&) = delete;

 private:
  bool& flag_;
};

}  // namespace

void RunLoop::validateIfDue() {
  const auto every = recipe_.validation.every;
  if (every > 0 && (step_ % every == 0 || step_ == live().totalSteps)) validate();
}

void RunLoop::validate() {
  if (recipe_.validation.every == 0 || (validated_ && validated_->step == step_)) return;
  const OnScope measuring(validating_);  // single steps and ways back wait until it is done
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
  report(messages::Validated{*point});
}

}  // namespace dw::trainer
