// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "diffusion/samplers/multistep.h"

namespace dw::diffusion {
namespace {

/// DPM-Solver++(2M), midpoint (Lu et al., "DPM-Solver++", 2022, algorithm 2). First and last step are of order 1: there is
/// no step before the first one, and at sigma 0 the second order has no limit.
class DpmSolver : public MultistepSampler {
 public:
  using MultistepSampler::MultistepSampler;

  Step step(std::int64_t i, const at::Tensor& x, const at::Tensor& output, const StepNoise&) override {
    const at::Tensor x0 = parts(i, x, output).x0;
    at::Tensor after = firstOrder(x, x0, i, i + 1);
    if (settings_.order > 1 && i > 0 && i + 1 < steps()) {
      const double h = lambda(i + 1) - lambda(i);
      const double ratio = (lambda(i) - lambda(i - 1)) / h;
      after.add_(x0 - previous_, -0.5 * alpha(i + 1) * std::expm1(-h) / ratio);
    }
    previous_ = x0;
    return {.x = after, .x0 = x0};
  }

 private:
  at::Tensor previous_;  ///< x0-hat of the step before
};

}  // namespace

std::unique_ptr<Sampler> makeDpmSolver(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  return std::make_unique<DpmSolver>(settings, schedule);
}

}  // namespace dw::diffusion
