// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

namespace dw {

/// Lock-free ring for one producer thread and one consumer thread. A full ring refuses the new element and counts it:
/// the producer (the training thread) never waits for a display. Capacity must be a power of two.
template <typename T, std::size_t Capacity>
class SpscRing {
  static_assert(std::is_trivially_copyable_v<T>, "elements are copied between threads as plain bytes");
  static_assert((Capacity & (Capacity - 1)) == 0, "capacity is a power of two");

 public:
  /// Producer only. False: the ring was full and the element was dropped (and counted).
  bool push(const T& value) noexcept {
    const auto head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == Capacity) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    (*slots_)[head & (Capacity - 1)] = value;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// Consumer only. Copies up to out.size() elements, oldest first, and says how many.
  std::size_t pop(std::span<T> out) noexcept {
    const auto tail = tail_.load(std::memory_order_relaxed);
    const auto available = static_cast<std::size_t>(head_.load(std::memory_order_acquire) - tail);
    const auto count = available < out.size() ? available : out.size();
    for (std::size_t i = 0; i < count; ++i) out[i] = (*slots_)[(tail + i) & (Capacity - 1)];
    tail_.store(tail + count, std::memory_order_release);
    return count;
  }

  /// Elements refused so far because the ring was full. Any thread.
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::unique_ptr<std::array<T, Capacity>> slots_ = std::make_unique<std::array<T, Capacity>>();
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace dw
