// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/rolling_z.h"

#include <cmath>
#include <limits>

namespace dw::run_folder {

std::optional<double> RollingZ::add(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  std::optional<double> z;
  if (count_ >= kWindow) {
    // Anew each time, in two passes: running sums would lose their digits after a spike.
    double mean = 0.0, variance = 0.0;
    for (const double v : window_) mean += v / static_cast<double>(kWindow);
    for (const double v : window_) variance += (v - mean) * (v - mean) / static_cast<double>(kWindow - 1);
    if (variance > 0.0) z = (value - mean) / std::sqrt(variance);
  }
  window_[count_++ % kWindow] = value;
  return z;
}

std::vector<double> rollingZ(std::span<const double> values) {
  RollingZ rolling;
  std::vector<double> all;
  all.reserve(values.size());
  for (const double value : values)
    all.push_back(rolling.add(value).value_or(std::numeric_limits<double>::quiet_NaN()));
  return all;
}

}  // namespace dw::run_folder
