// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <utility>

#include "diffusion/samplers/sampler.h"
#include "diffusion/samplers/sigma_path.h"

namespace dw::diffusion {
namespace {

/// Euler's method on dx / dsigma = (x - x0-hat) / sigma (Karras et al. 2022, algorithm 1 without its second half). x is
/// x_0 + sigma eps here; the model sees it brought to unit variance.
class Euler : public Sampler {
 public:
  Euler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) : Sampler(settings, schedule) {
    const SigmaTable table(schedule);
    const Spacing spacing = settings.spacing;
    auto path = sigmaPath(table, spacing, Grid::Fractional, trainSteps_, settings.steps, settings.offset);
    const double largest = path.sigma.front();
    if (settings.karras) path = karrasPath(table, largest, path.sigma.at(path.t.size() - 1), settings.steps, false);
    // leading does not begin at the noisiest step, so x_0 still has a part in x there.
    initialScale_ = spacing == Spacing::Leading ? std::hypot(largest, 1.0) : largest;
    std::vector<Level> levels;
    for (const double sigma : path.sigma) levels.push_back({1.0, sigma});
    sigmas_ = std::move(path.sigma);
    setPath(std::move(path.t), std::move(levels));
  }

  Step step(std::int64_t i, const at::Tensor& x, const at::Tensor& output, const StepNoise&) override {
    const auto [x0, eps] = parts(i, x, output);
    const at::Tensor slope = settings_.clip > 0.0 ? (x - x0).div_(level(i).noise) : eps;
    return {.x = at::add(x, slope, level(i + 1).noise - level(i).noise), .x0 = x0};
  }
};

}  // namespace

std::unique_ptr<Sampler> makeEuler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  return std::make_unique<Euler>(settings, schedule);
}

}  // namespace dw::diffusion
