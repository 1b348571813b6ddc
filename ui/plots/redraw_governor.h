// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

namespace dw::ui {

/// How long a plot waits before it draws itself again: at least 50 ms (20 times a second), and long enough for drawing to
/// take no more than 1 % of a core. While the user drags, every frame counts and there is no wait.
class RedrawGovernor {
 public:
  static constexpr double kShortestMs = 50.0;
  static constexpr double kLongestMs = 2000.0;
  static constexpr double kShareOfCore = 0.01;

  /// What one drawing took. A short memory keeps one slow frame from freezing the plot.
  void measured(double ms) { costMs_ = costMs_ <= 0.0 ? ms : 0.7 * costMs_ + 0.3 * ms; }
  double intervalMs() const { return std::clamp(costMs_ / kShareOfCore, kShortestMs, kLongestMs); }
  /// Wait from now on, when the last drawing began sinceMs ago.
  double waitMs(double sinceMs, bool dragging) const { return dragging ? 0.0 : std::max(0.0, intervalMs() - sinceMs); }

 private:
  double costMs_ = 0.0;
};

}  // namespace dw::ui
