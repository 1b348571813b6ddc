// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/samplers/multistep.h"

#include <cmath>
#include <utility>

#include "diffusion/samplers/sigma_path.h"

namespace dw::diffusion {

MultistepSampler::MultistepSampler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule)
    : Sampler(settings, schedule) {
  const SigmaTable table(schedule);
  auto path = settings.karras
                  ? karrasPath(table, table.largest(), table.smallest(), settings.steps, true)
                  : sigmaPath(table, settings.spacing, Grid::Inner, trainSteps_, settings.steps, settings.offset);
  std::vector<Level> levels;
  for (const double sigma : path.sigma) {
    const double alpha = 1.0 / std::sqrt(sigma * sigma + 1.0);
    levels.push_back({alpha, sigma * alpha});
  }
  sigmas_ = std::move(path.sigma);
  setPath(std::move(path.t), std::move(levels));
}

double MultistepSampler::lambda(std::int64_t i) const { return std::log(alpha(i)) - std::log(sigma(i)); }

at::Tensor MultistepSampler::firstOrder(const at::Tensor& x, const at::Tensor& x0, std::int64_t from,
                                        std::int64_t to) const {
  const double h = lambda(to) - lambda(from);
  return (x * (sigma(to) / sigma(from))).add_(x0, -alpha(to) * std::expm1(-h));
}

}  // namespace dw::diffusion
