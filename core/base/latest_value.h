// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <optional>
#include <utility>

namespace dw {

/// A place for one value between threads: what is put replaces what nobody has taken yet. For things of which only the
/// newest is worth showing.
template <typename T>
class LatestValue {
 public:
  void put(T value) {
    std::optional<T> other(std::move(value));
    const std::lock_guard lock(mutex_);
    value_.swap(other);  // the older one is destroyed when the lock is free again
  }
  /// Empty if nothing came since the last take.
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(value_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::optional<T> value_;
};

}  // namespace dw
