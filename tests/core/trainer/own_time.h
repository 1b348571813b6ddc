// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>

namespace dw::test {

/// A limit in time that this process ran. A test that was stopped for a minute (SIGSTOP, a suspended machine) has not waited
/// for that minute: each look at the clock counts for one second at most.
class OwnTime {
 public:
  explicit OwnTime(std::chrono::steady_clock::duration limit) : left_(limit) {}

  bool isOver() {
    const auto now = std::chrono::steady_clock::now();
    left_ -= std::min<std::chrono::steady_clock::duration>(now - last_, std::chrono::seconds(1));
    last_ = now;
    return left_.count() <= 0;
  }

 private:
  std::chrono::steady_clock::duration left_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace dw::test
