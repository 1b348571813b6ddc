// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "diffusion/samplers/sampler.h"
#include "diffusion/samplers/spacing.h"

namespace dw::diffusion {
namespace {

/// Song, Meng, Ermon, "Denoising Diffusion Implicit Models", 2021, eq. 12. A step goes from t to t - T / steps (whole), as
/// the released weights were tried with, which for linspace is not exactly the next of its timesteps.
class Ddim : public Sampler {
 public:
  Ddim(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) : Sampler(settings, schedule) {
    auto t = spacedTimesteps(settings.spacing, Grid::Whole, trainSteps_, settings.steps, settings.offset);
    const auto stride = static_cast<double>(trainSteps_ / settings.steps);
    const double end = settings.finalAlphaOne ? 1.0 : schedule.alphaBar.front();
    std::vector<Level> levels;
    for (double& step : t) {
      step = std::min(step, static_cast<double>(trainSteps_ - 1));
      const double next = step - stride;
      now_.push_back(schedule.alphaBar.at(static_cast<std::size_t>(step)));
      next_.push_back(next < 0.0 ? end : schedule.alphaBar.at(static_cast<std::size_t>(next)));
      levels.push_back({std::sqrt(now_.back()), std::sqrt(1.0 - now_.back())});
    }
    levels.push_back({std::sqrt(next_.back()), std::sqrt(1.0 - next_.back())});
    setPath(std::move(t), std::move(levels));
  }

  Step step(std::int64_t i, const at::Tensor& x, const at::Tensor& output, const StepNoise& noise) override {
    const double now = now_[static_cast<std::size_t>(i)], next = next_[static_cast<std::size_t>(i)];
    const auto [x0, eps] = parts(i, x, output);
    const double variance = (1.0 - next) / (1.0 - now) * (1.0 - now / next);
    const double fresh = settings_.eta * std::sqrt(std::max(variance, 0.0));
    at::Tensor after = (x0 * std::sqrt(next)).add_(eps, std::sqrt(std::max(1.0 - next - fresh * fresh, 0.0)));
    if (fresh > 0.0) after.add_(noise(i), fresh);
    return {.x = after, .x0 = x0};
  }

 private:
  std::vector<double> now_, next_;  ///< alphaBar at both ends of each step
};

}  // namespace

std::unique_ptr<Sampler> makeDdim(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  return std::make_unique<Ddim>(settings, schedule);
}

}  // namespace dw::diffusion
