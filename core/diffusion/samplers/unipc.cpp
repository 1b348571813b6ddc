// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "diffusion/samplers/multistep.h"

namespace dw::diffusion {
namespace {

/// UniPC of order 2 in its B2 form on x0-hat (Zhao et al., "UniPC", 2023): each output first corrects the x it was made for,
/// then predicts the next one.
class Unipc : public MultistepSampler {
 public:
  using MultistepSampler::MultistepSampler;

  Step step(std::int64_t i, const at::Tensor& x, const at::Tensor& output, const StepNoise&) override {
    const at::Tensor x0 = parts(i, x, output).x0;
    const at::Tensor start = i > 0 ? corrected(i, x0) : x;
    beforeLast_ = last_;
    last_ = x0;
    start_ = start;
    order_ = i == 0 || i + 1 == steps() ? 1 : 2;
    return {.x = predicted(i), .x0 = x0};
  }

 private:
  double h(std::int64_t from) const { return lambda(from + 1) - lambda(from); }

  /// (lambda_{i-1} - lambda_i) / h_i, negative: where the older output lies, in units of this step.
  double ratio(std::int64_t i) const { return (lambda(i - 1) - lambda(i)) / h(i); }

  at::Tensor predicted(std::int64_t i) const {
    at::Tensor after = firstOrder(start_, last_, i, i + 1);
    // One difference, for which the paper takes the coefficient 1/2 (section 3.3).
    if (order_ == 2) after.add_(beforeLast_ - last_, -alpha(i + 1) * std::expm1(-h(i)) * 0.5 / ratio(i));
    return after;
  }

  /// x at step i once more, from where step i - 1 began, now that the output at its end is known.
  at::Tensor corrected(std::int64_t i, const at::Tensor& x0) const {
    const std::int64_t from = i - 1;
    const double minusH = -h(from), b = std::expm1(minusH);
    at::Tensor x = firstOrder(start_, last_, from, i);
    if (order_ == 1) return x.add_(x0 - last_, -alpha(i) * b * 0.5);
    const double first = (b / minusH - 1.0) / b;                          // phi_2 / B
    const double second = 2.0 * ((b / minusH - 1.0) / minusH - 0.5) / b;  // 2 phi_3 / B
    const double r = ratio(from);
    const double older = (first - second) / (1.0 - r);  // solves rho_1 + rho_2 = first, r rho_1 + rho_2 = second
    x.add_(beforeLast_ - last_, -alpha(i) * b * older / r);
    return x.add_(x0 - last_, -alpha(i) * b * (first - older));
  }

  at::Tensor start_, last_, beforeLast_;  ///< x where the step began, and x0-hat of it and of the one before
  int order_ = 1;                         ///< of the latest prediction
};

}  // namespace

std::unique_ptr<Sampler> makeUnipc(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule) {
  return std::make_unique<Unipc>(settings, schedule);
}

}  // namespace dw::diffusion
