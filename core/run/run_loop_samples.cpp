// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop that has samples drawn while training goes on.
#include "run/failure.h"
#include "run/run_loop.h"

namespace dw::run {
namespace {

using Kind = SampleWriter::Kind;

constexpr std::chrono::seconds kLongestAfterEnd{10};  ///< for the last pictures of a run that has made all of its steps
constexpr std::chrono::milliseconds kLookAgain{20};

}  // namespace

void RunLoop::openSamples() {
  samples_.reset();  // first: what it still draws must not appear after the dropping
  dropSamplesBeyond(folder_->samples(), step_);
  samples_.emplace(recipe_.sample, recipe_.train.seed);
}

void RunLoop::drawSamplesIfDue() {
  tellSampleFailure();
  const auto every = live().sampleEvery;
  const bool due = !isCutShort() && every > 0 && (step_ % every == 0 || step_ == live().totalSteps);
  if (!due) return;
  passedOver_ = samples_->busy(Kind::Strip);
  if (!passedOver_) drawStrip();
}

void RunLoop::drawStrip() {
  std::shared_ptr<const inference::Model> weights;
  try {
    weights = task_->copyWeights(true);
  } catch (const std::exception&) {  // no memory for a second model: training needs none
    if (!samplesFailed_) warnOfSamples(std::current_exception(), step_);
  }
  if (!weights) return;
  samples_->begin({.kind = Kind::Strip,
                   .step = step_,
                   .model = [weights = std::move(weights)] { return weights; },
                   .picture = samplePicture(folder_->samples(), step_)});
}

void RunLoop::drawPreview(const SaveOutcome& saved) {
  if (!samples_ || isCutShort() || !recipe_.sample.previews || samples_->busy(Kind::Preview)) return;
  auto open = task_ ? task_->checkpointOpener() : inference::ModelOpener();
  if (!open) return;
  samples_->begin({.kind = Kind::Preview,
                   .step = saved.step,
                   .model = [open = std::move(open), folder = saved.folder] {
                     // Its files were read again when it was saved; the processor is the trainer's.
                     return open(folder, {.verify = false, .threads = 1});
                   },
                   .picture = saved.folder / "preview.png"});
}

void RunLoop::tellSampleFailure() {
  const auto failure = samples_->takeFailure();
  if (!failure || samplesFailed_) return;
  std::error_code hidden;
  const auto folder = failure->picture.parent_path();
  if (folder.parent_path() == folder_->checkpoints() && !std::filesystem::exists(folder, hidden)) return;  // pruned meanwhile
  warnOfSamples(failure->what, failure->step);
}

void RunLoop::warnOfSamples(const std::exception_ptr& thrown, std::int64_t step) {
  samplesFailed_ = true;  // told once, not at every attempt
  const auto why = describeFailure(thrown, step);
  report(Warning{"the samples of step " + std::to_string(step) + " could not be drawn: " + why.sentence, why.remedy});
}

void RunLoop::finishSamples() {
  if (!samples_) return;
  tellSampleFailure();
  if (isCutShort()) return samples_.reset();  // whoever stopped the run wants it to end: no picture is worth the wait
  const auto began = Clock::now();
  const auto allDrawn = [&] {
    while (samples_->busy() && !stop_.stop_requested() && Clock::now() - began < kLongestAfterEnd) samples_->wait(kLookAgain);
    return !samples_->busy();
  };
  // Those of the last step are what one wants to see most.
  if (allDrawn() && passedOver_ && step_ == live().totalSteps) {
    drawStrip();
    allDrawn();
  }
  tellSampleFailure();
}

}  // namespace dw::run
