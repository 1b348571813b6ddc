// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/training_runner.h"

#include <cassert>
#include <new>

#include "base/error.h"
#include "base/thread_priority.h"
#include "run/run_loop.h"
#include "run/state_table.h"

namespace dw::run {
namespace {

/// Turns whatever a run threw into what the user is told.
Failed describeFailure(std::int64_t step) {
  try {
    throw;
  } catch (const Error& e) {
    return {e.kind(), e.what(), e.remedy(), step};
  } catch (const std::bad_alloc&) {
    return {ErrorKind::OutOfMemory, "there is not enough memory for this model and batch",
            "use a smaller batch, gradient checkpointing, or a smaller model", step};
  } catch (const std::filesystem::filesystem_error& e) {
    const bool full = e.code() == std::errc::no_space_on_device;
    return {full ? ErrorKind::DiskFull : ErrorKind::Io, e.path1().string() + ": " + e.code().message(),
            full ? "free some space on that disk" : "check that you may read and write there", step};
  } catch (const std::exception& e) {
    const std::string text = e.what();
    if (text.find("alloc") != std::string::npos || text.find("out of memory") != std::string::npos) {  // c10::Error has no kind
      return {ErrorKind::OutOfMemory, "there is not enough memory for this model and batch (" + text.substr(0, text.find('\n')) + ")",
              "use a smaller batch, gradient checkpointing, or a smaller model", step};
    }
    return {ErrorKind::Internal, "the training code failed: " + text, "please report this with the run's log.jsonl", step};
  }
}

}  // namespace

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

bool TrainingRunner::send(Command command) { return !finished() && commands_.tryPush(std::move(command)); }

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
    const auto failure = describeFailure(loop.step());
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
