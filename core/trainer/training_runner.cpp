// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/training_runner.h"

#include <cassert>

#include "base/thread_priority.h"
#include "trainer/failure.h"
#include "trainer/run_loop.h"
#include "trainer/state_table.h"

namespace dw::trainer {

TrainingRunner::TrainingRunner(TaskFactory makeTask) : makeTask_(std::move(makeTask)) {}

TrainingRunner::~TrainingRunner() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

bool TrainingRunner::finished() const noexcept {
  const auto now = state();
  return now == messages::State::Idle || now == messages::State::Finished || now == messages::State::Failed;
}

bool TrainingRunner::start(RunRequest request) {
  if (!finished()) return false;
  if (thread_.joinable()) thread_.join();
  commands_.drain();
  enter(messages::State::Preparing);
  thread_ = std::jthread([this, request = std::move(request)](std::stop_token stop) { threadMain(request, std::move(stop)); });
  return true;
}

bool TrainingRunner::send(messages::Command command, std::string by) {
  return !finished() && commands_.tryPush({std::move(command), std::move(by)});
}

bool TrainingRunner::waitFinished(std::chrono::milliseconds limit) {
  std::unique_lock lock(finishedMutex_);
  return finishedChanged_.wait_for(lock, limit, [this] { return finished(); });
}

void TrainingRunner::threadMain(const RunRequest& request, std::stop_token stop) {
  lowerThreadPriority();
  RunLoop loop(*this, request, std::move(stop));
  try {
    loop.run();
  } catch (...) {
    auto failure = describeFailure(std::current_exception(), loop.step());
    failure.inData = loop.isOpeningData();
    loop.rescue();
    loop.fail(failure);
  }
}

void TrainingRunner::report(messages::Event event) { events_.tryPush(std::move(event)); }

void TrainingRunner::enter(messages::State next) {
  const auto from = state();
  assert(mayFollow(from, next));
  report(messages::StateChanged{from, next});
  {
    const std::lock_guard lock(finishedMutex_);
    state_.store(next, std::memory_order_release);
  }
  finishedChanged_.notify_all();
}

}  // namespace dw::trainer
