// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "diffusion/samplers/sampler.h"

namespace dw::diffusion {

/// What the solvers of order two share: unit variance, half log-SNR lambda = log(alpha / sigma) as their time, the last step
/// at sigma 0, where lambda is infinite.
class MultistepSampler : public Sampler {
 public:
  MultistepSampler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule);

 protected:
  double alpha(std::int64_t i) const { return level(i).signal; }
  double sigma(std::int64_t i) const { return level(i).noise; }
  double lambda(std::int64_t i) const;
  /// (sigma_to / sigma_from) x - alpha_to (e^-h - 1) x0: the exact solution while x0-hat stays as it is.
  at::Tensor firstOrder(const at::Tensor& x, const at::Tensor& x0, std::int64_t from, std::int64_t to) const;
};

}  // namespace dw::diffusion
