// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "trainer/state_table.h"

namespace dw::trainer {

/// The state of a runner: changed by the training thread alone (and by start(), while there is none), read by any.
class StateMachine {
 public:
  messages::State state() const noexcept { return state_.load(std::memory_order_acquire); }

  /// No training thread is at work: Idle, Finished or Failed.
  bool rests() const noexcept {
    const auto now = state();
    return now == messages::State::Idle || now == messages::State::Finished || now == messages::State::Failed;
  }

  /// The table must allow it (state_table.h).
  void enter(messages::State next) {
    assert(mayFollow(state(), next));
    {
      const std::lock_guard lock(mutex_);
      state_.store(next, std::memory_order_release);
    }
    changed_.notify_all();
  }

  /// Waits until rests() or the time is over; says which.
  bool waitUntilRests(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return rests(); });
  }

 private:
  std::atomic<messages::State> state_{messages::State::Idle};
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace dw::trainer
