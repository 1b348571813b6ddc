// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/thread_choice.h"

#include <algorithm>
#include <thread>

namespace dw::training {
namespace {

constexpr double kWorthwhile = 0.95;  ///< a larger count must need at most this share of the time

}  // namespace

int chooseThreads(const std::function<double(int)>& secondsPerStep, int limit) {
  int best = 1;
  double bestSeconds = secondsPerStep(1);
  for (int tried = 1; tried < limit;) {
    tried = std::min(tried * 2, limit);
    const double seconds = secondsPerStep(tried);
    if (seconds > bestSeconds * kWorthwhile) break;
    best = tried;
    bestSeconds = seconds;
  }
  return best;
}

int usableCores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

}  // namespace dw::training
