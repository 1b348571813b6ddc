// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop that obeys: commands are taken between two steps, and each is answered.
#include "run/run_loop.h"

#include "base/text_format.h"

namespace dw::run {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};  ///< whether a save is done
constexpr int kAtOnce = 256;  ///< commands between two steps: a flood of them must not keep the run from training

}  // namespace

void RunLoop::takeCommands(bool wait) {
  if (wait && waiting_.empty()) {
    // A save under way ends meanwhile, and somebody waits to hear of it.
    const auto order = writer_->busy() ? runner_.commands_.waitPop(stop_, kLookAgain) : runner_.commands_.waitPop(stop_);
    if (order) apply(*order);
  }
  for (int taken = 0; taken < kAtOnce && !isAboutToPause(); ++taken) {
    const auto order = nextOrder();
    if (!order) return;
    apply(*order);
  }
}

bool RunLoop::isAboutToPause() const { return pausing_ && !validating_ && runner_.state() == State::Running; }

std::optional<Order> RunLoop::nextOrder() {
  if (validating_ || waiting_.empty()) return runner_.commands_.tryPop();
  auto order = std::move(waiting_.front());
  waiting_.pop_front();
  return order;
}

bool RunLoop::mustWait(const Order& order) const {
  if (!validating_ || std::holds_alternative<Stop>(order.command)) return false;
  return !waiting_.empty() || std::holds_alternative<StepOnce>(order.command) || std::holds_alternative<GoBack>(order.command);
}

void RunLoop::apply(const Order& order) {
  if (mustWait(order)) return waiting_.push_back(order);
  const auto& command = order.command;
  if (std::holds_alternative<Pause>(command)) {
    pausing_ = true;
    done(order, step_);
  } else if (std::holds_alternative<Resume>(command)) {
    pausing_ = false;
    done(order, step_);
  } else if (std::holds_alternative<Stop>(command)) {
    stopping_ = true;
    done(order, step_);
  } else if (std::holds_alternative<SaveCheckpoint>(command)) {
    applySave(order);
  } else if (std::holds_alternative<StepOnce>(command)) {
    applyStepOnce(order);
  } else if (std::holds_alternative<GoBack>(command)) {
    applyGoBack(order);
  } else if (const auto* copy = std::get_if<CopyWeights>(&command)) {
    if (auto weights = task_ ? task_->copyWeights(copy->averaged) : nullptr) runner_.weights_.put(std::move(weights));
  } else {
    applyLive(order);
  }
}

void RunLoop::takeScripted() {
  for (; !script_.empty() && script_.front().step <= step_; script_.pop_front()) {
    auto outcome = control_.apply(script_.front().command, step_, "replay");
    std::visit([this](auto& answer) { report(std::move(answer)); }, outcome);
  }
}

void RunLoop::done(const Order& order, std::int64_t step) {
  report(CommandApplied{.step = step, .name = commandName(order.command), .detail = {}, .command = order.command, .by = order.by});
}

void RunLoop::refuse(const Order& order, const std::string& sentence, const std::string& remedy) {
  report(CommandRefused{.step = step_, .name = commandName(order.command), .sentence = sentence, .remedy = remedy, .command = order.command, .by = order.by});
}

void RunLoop::applySave(const Order& order) {
  if (!writer_) {
    report(Warning{"there is nothing to save yet: training has not begun", "save again when the first step is done"});
  } else if (isSaved()) {
    done(order, step_);
  } else {
    ++savesAsked_;
  }
}

void RunLoop::applyLive(const Order& order) {
  const bool remedy = std::holds_alternative<HalveRate>(order.command) || std::holds_alternative<SkipBatch>(order.command);
  if (remedy && !isPaused()) return refuse(order, "nothing stands in the way of training, so there is nothing to mend", "use it when the run has paused");
  auto outcome = control_.apply(order.command, step_, order.by);
  const bool applied = std::holds_alternative<CommandApplied>(outcome);
  std::visit([this](auto& answer) { report(std::move(answer)); }, outcome);
  if (remedy && applied) pausing_ = false;
}

void RunLoop::applyStepOnce(const Order& order) {
  if (!isPaused()) return refuse(order, "single steps are made while the run is paused", "pause first");
  takeScripted();
  if (isOver()) {
    return refuse(order, (live().totalSteps == 1 ? "the only step is" : "all of the " + countText(live().totalSteps, "step") + " are") + " done", "raise the total of steps first");
  }
  const auto before = step_;
  stepBegan_ = Clock::now();
  if (tryStep()) done(order, before);
}

}  // namespace dw::run
