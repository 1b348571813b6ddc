// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/sample_schedule.h"

#include <utility>

#include "trainer/failure.h"

namespace dw::trainer {
namespace {

using Kind = SampleWriter::Kind;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongestAfterEnd{10};  ///< for the last pictures of a run that has made all of its steps
constexpr std::chrono::milliseconds kLookAgain{20};

}  // namespace

SampleSchedule::SampleSchedule(const config::SampleSettings& settings, std::uint64_t seed, std::filesystem::path strips,
                               std::filesystem::path checkpoints, Reporter& reporter)
    : settings_(settings),
      seed_(seed),
      strips_(std::move(strips)),
      checkpoints_(std::move(checkpoints)),
      reporter_(reporter) {}

void SampleSchedule::restartAt(std::int64_t step) {
  writer_.reset();  // first: what it still draws must not appear after the dropping
  dropSamplesBeyond(strips_, step);
  writer_.emplace(settings_, seed_);
}

void SampleSchedule::stepDone(std::int64_t step, std::int64_t every, bool last, const CopyWeights& copy) {
  tellFailure();
  if (every <= 0 || (step % every != 0 && !last)) return;
  passedOver_ = writer_->busy(Kind::Strip);
  if (!passedOver_) drawStrip(step, copy);
}

void SampleSchedule::drawStrip(std::int64_t step, const CopyWeights& copy) {
  std::shared_ptr<const inference::Model> weights;
  try {
    weights = copy();
  } catch (const std::exception&) {  // no memory for a second model: training needs none
    if (!failed_) warn(std::current_exception(), step);
  }
  if (!weights) return;
  writer_->begin({.kind = Kind::Strip,
                  .step = step,
                  .model = [weights = std::move(weights)] { return weights; },
                  .picture = samplePicture(strips_, step)});
}

void SampleSchedule::checkpointSaved(const SaveOutcome& saved, const inference::ModelOpener& open) {
  if (!writer_ || !open || !settings_.previews || writer_->busy(Kind::Preview)) return;
  // Its files were read again when it was saved; the processor is the trainer's.
  writer_->begin({.kind = Kind::Preview,
                  .step = saved.step,
                  .model = [open, folder = saved.folder] { return open(folder, {.verify = false, .threads = 1}); },
                  .picture = saved.folder / "preview.png"});
}

void SampleSchedule::tellFailure() {
  const auto failure = writer_->takeFailure();
  if (!failure || failed_) return;
  std::error_code hidden;
  const auto folder = failure->picture.parent_path();
  if (folder.parent_path() == checkpoints_ && !std::filesystem::exists(folder, hidden)) return;  // pruned meanwhile
  warn(failure->what, failure->step);
}

void SampleSchedule::warn(const std::exception_ptr& thrown, std::int64_t step) {
  failed_ = true;
  const auto why = describeFailure(thrown, step);
  reporter_.report(messages::Warning{
      "the samples of step " + std::to_string(step) + " could not be drawn: " + why.sentence, why.remedy});
}

bool SampleSchedule::waitUntilDrawn(Clock::time_point end, const std::stop_token& stop) const {
  while (writer_->busy() && !stop.stop_requested() && Clock::now() < end) writer_->wait(kLookAgain);
  return !writer_->busy();
}

void SampleSchedule::finish(std::int64_t step, bool last, const CopyWeights& copy, const std::stop_token& stop) {
  if (!writer_) return;
  tellFailure();
  const auto end = Clock::now() + kLongestAfterEnd;
  if (waitUntilDrawn(end, stop) && passedOver_ && last) {
    drawStrip(step, copy);
    waitUntilDrawn(end, stop);
  }
  tellFailure();
}

void SampleSchedule::abandon() {
  if (!writer_) return;
  tellFailure();
  writer_.reset();
}

}  // namespace dw::trainer
