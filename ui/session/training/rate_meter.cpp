// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/rate_meter.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace dw::ui {

void RateMeter::add(double seconds) {
  if (!(seconds > 0.0)) return;
  seconds_.push_back(seconds);
  sum_ += seconds;
  while (seconds_.size() > 2 && (seconds_.size() > kWindowSteps || sum_ > kWindowSeconds)) {
    sum_ -= seconds_.front();
    seconds_.pop_front();
  }
}

double RateMeter::stepsPerSecond() const {
  if (seconds_.empty()) return 0.0;
  std::vector<double> sorted(seconds_.begin(), seconds_.end());
  std::sort(sorted.begin(), sorted.end());
  const auto cut = static_cast<std::ptrdiff_t>(sorted.size() / 10);
  const double total = std::accumulate(sorted.begin() + cut, sorted.end() - cut, 0.0);
  return static_cast<double>(sorted.size() - 2 * static_cast<std::size_t>(cut)) / total;
}

}  // namespace dw::ui
