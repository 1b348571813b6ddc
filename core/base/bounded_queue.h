// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace dw {

/// Small mutex-guarded queue with a fixed capacity, for rare things (commands, events). Any number of threads.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Never blocks. False: the queue is full and the value was not taken.
  bool tryPush(T value) {
    {
      const std::lock_guard lock(mutex_);
      if (items_.size() >= capacity_) return false;
      items_.push_back(std::move(value));
    }
    ready_.notify_one();
    return true;
  }

  /// Never blocks; empty if there is nothing.
  std::optional<T> tryPop() {
    const std::lock_guard lock(mutex_);
    return takeFront();
  }

  /// Waits for a value or for the stop request; empty means stopped.
  std::optional<T> waitPop(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, stop, [this] { return !items_.empty(); });
    return takeFront();
  }

  /// As above, but for no longer than `limit`.
  std::optional<T> waitPop(std::stop_token stop, std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, stop, limit, [this] { return !items_.empty(); });
    return takeFront();
  }

  /// Everything that waits, oldest first.
  std::vector<T> drain() {
    const std::lock_guard lock(mutex_);
    std::vector<T> all(std::make_move_iterator(items_.begin()), std::make_move_iterator(items_.end()));
    items_.clear();
    return all;
  }

 private:
  std::optional<T> takeFront() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> value(std::move(items_.front()));
    items_.pop_front();
    return value;
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::deque<T> items_;
};

}  // namespace dw
