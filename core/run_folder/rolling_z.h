// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace dw::run_folder {

/// How unusual each value of a series is: its distance from the mean of the last 128 values before it, in their standard
/// deviations. Marks spikes of loss and gradient norm. A NaN or infinity has no z-score and is left out of the window.
class RollingZ {
 public:
  static constexpr std::size_t kWindow = 128;
  /// Empty while the window is not full, for values that are not finite, and after values that are all the same.
  std::optional<double> add(double value);

 private:
  std::array<double, kWindow> window_{};
  std::size_t count_ = 0;  ///< values so far
};

/// From this z on a step counts as a spike. Losses of small batches jump by themselves: how much noise drowns a picture differs.
inline constexpr double kSpikeZ = 6.0;

/// z-score of each value; NaN where there is none.
std::vector<double> rollingZ(std::span<const double> values);

}  // namespace dw::run_folder
