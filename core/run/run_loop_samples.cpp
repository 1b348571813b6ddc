// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop that has samples drawn while training goes on.
#include "run/failure.h"
#include "run/run_loop.h"

namespace dw::run {

void RunLoop::openSamples() {
  if (recipe_.sample.every > 0) samples_.emplace(folder_->path() / "samples", recipe_.sample, recipe_.train.seed);
}

void RunLoop::drawSamplesIfDue() {
  if (!samples_) return;
  if (const auto outcome = samples_->takeOutcome(); outcome && outcome->failure && !samplesFailed_) {
    samplesFailed_ = true;  // told once, not at every attempt
    const auto failure = describeFailure(outcome->failure, outcome->step);
    report(Warning{"the samples of step " + std::to_string(outcome->step) + " could not be drawn: " + failure.sentence, failure.remedy});
  }
  if (step_ % recipe_.sample.every != 0 || samples_->busy()) return;
  if (auto model = task_->copyWeights(true)) samples_->begin(step_, std::move(model));
}

}  // namespace dw::run
