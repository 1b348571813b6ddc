// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/training_runner.h"

#include <cassert>

#include "base/thread_priority.h"
#include "run/failure.h"
#include "run/run_loop.h"
#include "run/state_table.h"

namespace dw::run {

TrainingRunner::TrainingRunner(TaskFactory makeTask) : makeTask_(std::move(makeTask)) {}

TrainingRunner::~TrainingRunner() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

bool TrainingRunner::finished() const noexcept {
  const auto now = state();
  return now == State::Idle || now == State::Finished || now == State::Failed;
}

bool TrainingRunner::start(RunRequest request) {
  if (!finished()) return false;
  if (thread_.joinable()) thread_.join();
  commands_.drain();
  enter(State::Preparing);
  thread_ = std::jthread([this, request = std::move(request)](std::stop_token stop) { threadMain(request, std::move(stop)); });
  return true;
}

bool TrainingRunner::send(Command command, std::string by) {
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

void TrainingRunner::report(Event event) { events_.tryPush(std::move(event)); }

void TrainingRunner::enter(State next) {
  const auto from = state();
  assert(mayFollow(from, next));
  report(StateChanged{from, next});
  {
    const std::lock_guard lock(finishedMutex_);
    state_.store(next, std::memory_order_release);
  }
  finishedChanged_.notify_all();
}

}  // namespace dw::run
