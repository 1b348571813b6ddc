// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/loss_weight.h"

#include <algorithm>
#include <cmath>

namespace dw::diffusion {
namespace {

template <typename Weight>
std::vector<double> each(const std::vector<double>& snr, Weight weight) {
  std::vector<double> weights(snr.size());
  std::ranges::transform(snr, weights.begin(), weight);
  return weights;
}

constexpr double kDebiasCap = 1000.0;

}  // namespace

std::vector<double> minSnrEpsilon(const std::vector<double>& snr, double gamma) {
  // Where snr is 0 the ratio's limit is 1: below gamma the weight is 1 throughout.
  return each(snr, [gamma](double s) { return s <= gamma ? 1.0 : gamma / s; });
}

std::vector<double> minSnrVelocity(const std::vector<double>& snr, double gamma) {
  return each(snr, [gamma](double s) { return std::min(s, gamma) / (s + 1.0); });
}

std::vector<double> minSnrX0(const std::vector<double>& snr, double gamma) {
  return each(snr, [gamma](double s) { return std::min(s, gamma); });
}

std::vector<double> debiasedEpsilon(const std::vector<double>& snr) {
  return each(snr, [](double s) { return 1.0 / std::sqrt(std::min(s, kDebiasCap)); });
}

}  // namespace dw::diffusion
