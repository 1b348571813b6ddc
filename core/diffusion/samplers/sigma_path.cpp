// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/samplers/sigma_path.h"

#include <algorithm>
#include <cmath>

namespace dw::diffusion {
namespace {

constexpr double kLeastAlphaBar = 0x1p-24;
constexpr double kRho = 7.0;

}  // namespace

SigmaTable::SigmaTable(const schedule::NoiseSchedule& schedule) {
  for (const double alphaBar : schedule.alphaBar) {
    const double kept = alphaBar > 0.0 ? alphaBar : kLeastAlphaBar;
    sigma_.push_back(std::sqrt((1.0 - kept) / kept));
    rising_.push_back(rising_.empty() ? sigma_.back() : std::max(rising_.back(), sigma_.back()));
  }
}

double SigmaTable::sigmaAt(double t) const {
  const double inside = std::clamp(t, 0.0, static_cast<double>(sigma_.size() - 1));
  const auto low = static_cast<std::size_t>(inside);
  const double share = inside - static_cast<double>(low);
  return share == 0.0 ? sigma_[low] : sigma_[low] + (sigma_[low + 1] - sigma_[low]) * share;
}

double SigmaTable::timeAt(double sigma) const {
  if (sigma <= rising_.front()) return 0.0;
  if (sigma >= rising_.back()) return static_cast<double>(rising_.size() - 1);
  const auto above = std::ranges::upper_bound(rising_, sigma);
  const double low = std::log(*(above - 1)), high = std::log(*above);
  return static_cast<double>(above - rising_.begin() - 1) + (std::log(sigma) - low) / (high - low);
}

SigmaPath sigmaPath(const SigmaTable& table, Spacing spacing, Grid grid, std::int64_t steps, std::int64_t count,
                    std::int64_t offset) {
  SigmaPath path{.t = spacedTimesteps(spacing, grid, steps, count, offset), .sigma = {}};
  for (const double t : path.t) path.sigma.push_back(table.sigmaAt(t));
  path.sigma.push_back(0.0);
  return path;
}

SigmaPath karrasPath(const SigmaTable& table, double first, double last, std::int64_t count, bool wholeTimesteps) {
  SigmaPath path;
  for (const double root : evenly(std::pow(first, 1.0 / kRho), std::pow(last, 1.0 / kRho), count)) {
    path.sigma.push_back(std::pow(root, kRho));
    const double t = table.timeAt(path.sigma.back());
    path.t.push_back(wholeTimesteps ? std::nearbyint(t) : t);
  }
  path.sigma.push_back(0.0);
  return path;
}

}  // namespace dw::diffusion
