// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "diffusion/samplers/sampler.h"
#include "diffusion/samplers/spacing.h"

namespace dw::diffusion {
namespace {

constexpr double kLeastVariance = 1e-20;

/// Ancestral sampling (Ho et al. 2020, algorithm 2), also over a part of the timesteps: a step goes to the next of them,
/// whatever the spacing, and the last one to x_0.
class Ddpm : public Sampler {
 public:
  Ddpm(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) : Sampler(settings, schedule) {
    auto t = spacedTimesteps(settings.spacing, Grid::Whole, trainSteps_, settings.steps, settings.offset);
    std::vector<Level> levels;
    for (double& step : t) {
      step = std::min(step, static_cast<double>(trainSteps_ - 1));
      alphaBar_.push_back(schedule.alphaBar.at(static_cast<std::size_t>(step)));
      levels.push_back({std::sqrt(alphaBar_.back()), std::sqrt(1.0 - alphaBar_.back())});
    }
    alphaBar_.push_back(1.0);
    levels.push_back({1.0, 0.0});
    setPath(std::move(t), std::move(levels));
  }

  Step step(std::int64_t i, const at::Tensor& x, const at::Tensor& output, const StepNoise& noise) override {
    const auto index = static_cast<std::size_t>(i);
    const double now = alphaBar_[index], next = alphaBar_[index + 1];
    const double alpha = now / next, beta = 1.0 - alpha;  // of the whole stride
    const at::Tensor x0 = parts(i, x, output).x0;
    at::Tensor mean =
        (x0 * (std::sqrt(next) * beta / (1.0 - now))).add_(x, std::sqrt(alpha) * (1.0 - next) / (1.0 - now));
    if (timesteps_[index] > 0.0) {
      const double posterior = (1.0 - next) / (1.0 - now) * beta;
      const double variance = settings_.largeVariance ? beta : std::max(posterior, kLeastVariance);
      mean.add_(noise(i), std::sqrt(variance));
    }
    return {.x = mean, .x0 = x0};
  }

 private:
  std::vector<double> alphaBar_;
};

}  // namespace

std::unique_ptr<Sampler> makeDdpm(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  return std::make_unique<Ddpm>(settings, schedule);
}

}  // namespace dw::diffusion
