// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>

namespace dw::ui {

/// Recent speed in steps per second from the durations of the last steps: at most kWindowSteps of them and 10 s. The
/// slowest and the fastest tenth are left out, so that one step that waited for a disk does not shake the finish time.
/// Pauses never come in: they belong to no step.
class RateMeter {
 public:
  void clear() { seconds_.clear(), sum_ = 0.0; }
  /// Duration of one more step; what is not a positive number is passed over.
  void add(double seconds);
  /// 0 while unknown.
  double stepsPerSecond() const;

 private:
  static constexpr std::size_t kWindowSteps = 512;
  static constexpr double kWindowSeconds = 10.0;
  std::deque<double> seconds_;
  double sum_ = 0.0;
};

}  // namespace dw::ui
