// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop that decides when a checkpoint is written, and says what came of it.
#include <cmath>
#include <utility>

#include "trainer/failure.h"
#include "trainer/run_loop.h"

namespace dw::trainer {
namespace {

constexpr std::chrono::seconds kRetryAfter{60};  ///< a save that failed

}  // namespace

void RunLoop::setNextSave() {
  const std::chrono::duration<double, std::ratio<60>> interval(recipe_.checkpoint.everyMinutes);
  nextSave_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(interval);
}

bool RunLoop::saveIsDue() const {
  if (recipe_.checkpoint.every > 0 && step_ % recipe_.checkpoint.every == 0) return true;
  const bool byTheClock = recipe_.checkpoint.everyMinutes > 0.0 || !lastFailure_.empty();
  return byTheClock && Clock::now() >= nextSave_;
}

void RunLoop::saveIfWanted() {
  collectSave();
  if (writer_->busy()) return;  // what is wanted waits for it
  if (!isSaved()) {
    if (!saveDue_ && savesAsked_ == 0) return;
    try {
      beginSave();
    } catch (const std::exception&) {
      if (!meetUnsaved(std::current_exception())) throw;
    }
    return;
  }
  saveDue_ = false;
  answerSaves(savesAsked_, step_);
}

void RunLoop::answerSaves(int& saves, std::int64_t step) {
  for (; saves > 0; --saves) report(messages::CommandApplied{.step = step, .name = "save", .detail = {}, .command = messages::SaveCheckpoint{}});
}

void RunLoop::refuseSaves(int& saves, std::int64_t step, const std::string& sentence, const std::string& remedy) {
  for (; saves > 0; --saves) {
    report(messages::CommandRefused{.step = step, .name = "save", .sentence = sentence, .remedy = remedy, .command = messages::SaveCheckpoint{}});
  }
}

void RunLoop::beginSave() {
  // A planned checkpoint is judged by its own loss; the user's "Save now" and Stop do not wait for that.
  if (saveDue_) validate();
  auto facts = loss_.toJson();
  facts["live"] = control_.toJson();
  if (validated_ && validated_->step == step_ && std::isfinite(validated_->loss)) facts["validation_loss"] = validated_->loss;
  savingChanges_ = control_.state().changes;
  writer_->begin(step_, task_->takeSnapshot(live()), std::move(facts));
  setNextSave();
  saveDue_ = false;
  savesTaken_ += std::exchange(savesAsked_, 0);
}

bool RunLoop::meetUnsaved(const std::exception_ptr& thrown) {
  const std::string what = "the checkpoint of step " + std::to_string(step_) + " was not made";
  if (!meetLackOfMemory(thrown, what)) return false;
  saveDue_ = false;
  retryLater(what);
  refuseSaves(savesAsked_, step_, what + " for lack of memory", "close other programs, then save again");
  return true;
}

void RunLoop::retryLater(const std::string& failure) {
  lastFailure_ = failure;
  const auto retry = Clock::now() + kRetryAfter;
  if (recipe_.checkpoint.everyMinutes <= 0.0 || nextSave_ > retry || nextSave_ <= Clock::now()) nextSave_ = retry;
}

void RunLoop::collectSave() {
  const auto outcome = writer_->takeOutcome();
  if (!outcome) return;
  if (outcome->failure) reportUnsaved(*outcome);
  else reportSaved(*outcome);
}

void RunLoop::saveAndWait() {
  saveDue_ = false;
  writer_->wait();
  collectSave();
  if (isSaved()) return answerSaves(savesAsked_, step_);
  beginSave();
  writer_->wait();
  const auto outcome = writer_->takeOutcome();
  if (outcome->failure) std::rethrow_exception(outcome->failure);
  reportSaved(*outcome);
}

void RunLoop::reportSaved(const SaveOutcome& outcome) {
  savedStep_ = outcome.step;
  savedChanges_ = savingChanges_;
  lastFailure_.clear();
  report(messages::CheckpointSaved{outcome.step, outcome.folder, outcome.seconds});
  // Only now: whoever asked may read it from the disk.
  answerSaves(savesTaken_, outcome.step);
  exporter_->request();
  drawPreview(outcome);
}

void RunLoop::reportUnsaved(const SaveOutcome& outcome) {
  const auto failure = describeFailure(outcome.failure, outcome.step);
  const bool known = failure.sentence == lastFailure_ && savesTaken_ == 0;
  retryLater(failure.sentence);
  if (known) return;  // a disk that stays full is told once, not at every attempt
  const auto remedy = failure.remedy.empty() ? std::string() : failure.remedy + "; ";
  const std::string sentence = "the checkpoint of step " + std::to_string(outcome.step) + " could not be saved: " + failure.sentence;
  report(messages::Warning{sentence, remedy + "training goes on, and saving is tried again"});
  refuseSaves(savesTaken_, outcome.step, sentence, failure.remedy);
}

void RunLoop::rescue() noexcept {
  try {
    if (writer_ && step_ > 0 && weightsGood_) saveAndWait();
    if (exporter_) exporter_->request();
  } catch (const std::exception& e) {
    try {
      report(messages::Warning{std::string("the last weights could not be saved: ") + e.what(), "resume from the newest checkpoint in the list"});
    } catch (const std::exception&) {  // no memory even for a sentence: the failure itself is still reported
      return;
    }
  }
}

}  // namespace dw::trainer
