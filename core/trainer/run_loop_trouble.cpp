// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop for updates that cannot be made: pause on good weights, go back to a checkpoint.
#include "base/error.h"
#include "trainer/failure.h"
#include "trainer/run_loop.h"

namespace dw::trainer {

bool RunLoop::meetTrouble(const std::exception_ptr& thrown) {
  const auto failure = describeFailure(thrown, step_);
  const bool notFinite = failure.kind == ErrorKind::NotFinite;
  auto fault = task_->fault();
  const bool whole = failure.sentence.starts_with("update ");
  const auto sentence = whole ? failure.sentence : "update " + std::to_string(step_ + 1) + " was not made: " + failure.sentence;
  if (fault.torn) weightsGood_ = false;
  if (!request_.pauseOnTrouble || (!notFinite && failure.kind != ErrorKind::OutOfMemory)) return false;
  messages::Trouble trouble{.kind = failure.kind, .sentence = sentence, .remedy = failure.remedy, .samples = std::move(fault.samples),
                  .tensor = std::move(fault.tensor), .halveRate = notFinite, .skipBatch = notFinite};
  if (fault.torn) {
    writer_->wait();
    collectSave();
    const auto target = run_folder::CheckpointStore(folder_->checkpoints()).newestGood(step_ + 1);
    if (!target) return false;
    goTo(*target);
    trouble.sentence += "; the update broke off half-way, so the run went back to the checkpoint of step " + std::to_string(step_);
  }
  const auto earlier = run_folder::CheckpointStore(folder_->checkpoints()).newestGood(step_);
  trouble.goBackTo = earlier ? earlier->step : -1;
  trouble.step = step_;
  pausing_ = true;
  report(std::move(trouble));
  return true;
}

bool RunLoop::meetLackOfMemory(const std::exception_ptr& thrown, const std::string& what) {
  const auto failure = describeFailure(thrown, step_);
  if (!request_.pauseOnTrouble || failure.kind != ErrorKind::OutOfMemory) return false;
  const auto earlier = run_folder::CheckpointStore(folder_->checkpoints()).newestGood(step_);
  pausing_ = true;
  report(messages::Trouble{.kind = failure.kind, .sentence = what + ": " + failure.sentence, .remedy = failure.remedy, .step = step_,
                 .goBackTo = earlier ? earlier->step : -1});
  return true;
}

void RunLoop::goTo(const run_folder::CheckpointInfo& target) {
  const auto from = step_;
  const auto state = run_folder::readState(target.folder);
  weightsGood_ = false;
  task_->goTo(target.folder);
  weightsGood_ = true;
  step_ = target.step;
  loss_ = run_folder::SmoothedLoss::fromJson(state);
  restoreLive(state, step_);
  validated_.reset();
  savedStep_ = step_;
  savedChanges_ = control_.state().changes;
  refuseSaves(savesAsked_, step_, "the run went back before the weights of step " + std::to_string(from) + " were saved", "save again when the run has gone on");
  saveDue_ = false;
  // A run that is resumed begins from its newest checkpoint: that must be this one.
  run_folder::CheckpointStore(folder_->checkpoints()).dropBeyond(step_);
  openSamples();
  report(messages::WentBack{.from = from, .to = step_, .checkpoint = target.folder, .live = control_.state()});
}

void RunLoop::applyGoBack(const Order& order) {
  if (!isPaused()) return refuse(order, "a run goes back while it is paused", "pause first");
  writer_->wait();
  collectSave();
  const auto wanted = std::get<messages::GoBack>(order.command).step;
  const auto target = run_folder::CheckpointStore(folder_->checkpoints()).newestGood(wanted < 0 ? step_ : wanted + 1);
  if (!target || (wanted >= 0 && target->step != wanted)) {
    return refuse(order, "there is no whole checkpoint to go back to", "begin a new run, or resume with another learning rate");
  }
  for (const auto& info : run_folder::CheckpointStore(folder_->checkpoints()).list()) {
    if (info.step <= target->step || !info.pinned) continue;
    return refuse(order, "the checkpoint of step " + std::to_string(info.step) + " is kept, and it would not belong to this run any more",
                  "let that checkpoint go, or branch a new run from the checkpoint of step " + std::to_string(target->step));
  }
  const auto before = step_;
  goTo(*target);
  done(order, before);
}

}  // namespace dw::trainer
