// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/loss_history.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace dw::diffusion {
namespace {

constexpr double kEvenShare = 0.001;  ///< of all draws goes evenly to all bins, so that none is forgotten

std::size_t binsFor(std::int64_t steps) {
  return static_cast<std::size_t>(std::clamp<std::int64_t>(steps, 1, LossHistory::kMostBins));
}

}  // namespace

LossHistory::LossHistory(std::int64_t steps)
    : losses_(binsFor(steps) * static_cast<std::size_t>(kKept), 0.0), counts_(binsFor(steps), 0) {}

LossHistory::LossHistory(std::int64_t steps, std::vector<double> losses, std::vector<std::int64_t> counts)
    : losses_(std::move(losses)), counts_(std::move(counts)) {
  const auto bins = binsFor(steps);
  // Losses are of float32, so that their squares have room in float64.
  const bool whole =
      counts_.size() == bins && losses_.size() == bins * static_cast<std::size_t>(kKept) &&
      std::ranges::all_of(losses_, [](double x) { return x >= 0.0 && x <= std::numeric_limits<float>::max(); }) &&
      std::ranges::all_of(counts_,
                          [](std::int64_t n) { return n >= 0 && n < std::numeric_limits<std::int64_t>::max() / 2; });
  if (!whole)
    throw Error(ErrorKind::BadData, "the measured losses of the timesteps are damaged",
                "resume from an older checkpoint");
}

void LossHistory::add(double share, double loss) {
  if (!std::isfinite(loss)) return;
  const auto bin = static_cast<std::size_t>(
      std::clamp<std::int64_t>(static_cast<std::int64_t>(share * static_cast<double>(bins())), 0, bins() - 1));
  losses_[bin * static_cast<std::size_t>(kKept) + static_cast<std::size_t>(counts_[bin] % kKept)] = loss;
  ++counts_[bin];
}

std::vector<double> LossHistory::chances() const {
  const double even = 1.0 / static_cast<double>(bins());
  std::vector<double> chances(counts_.size(), even);
  if (!std::ranges::all_of(counts_, [](std::int64_t n) { return n >= kKept; })) return chances;
  double sum = 0.0;
  for (std::size_t bin = 0; bin < chances.size(); ++bin) {
    double squares = 0.0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(kKept); ++i) {
      const double loss = losses_[bin * static_cast<std::size_t>(kKept) + i];
      squares += loss * loss;
    }
    chances[bin] = std::sqrt(squares / static_cast<double>(kKept));
    sum += chances[bin];
  }
  if (sum <= 0.0) return std::vector<double>(counts_.size(), even);
  for (double& chance : chances) chance = chance / sum * (1.0 - kEvenShare) + even * kEvenShare;
  return chances;
}

}  // namespace dw::diffusion
