// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "schedule/noise_schedule.h"

namespace dw::diffusion {

/// q(x_t | x_0) of DDPM (Ho et al. 2020, eq. 4) with tables on one device. x0, eps: [B, C, H, W] of the type given here;
/// t: int64 [B] with 0 <= t < T, on any device.
class ForwardProcess {
 public:
  ForwardProcess(const schedule::NoiseSchedule& schedule, at::Device device, at::ScalarType type);

  /// x_t = sqrt(alphaBar_t) x_0 + sigma_t eps.
  at::Tensor sample(const at::Tensor& x0, const at::Tensor& eps, const at::Tensor& t) const;

  /// v = sqrt(alphaBar_t) eps - sigma_t x_0 (Salimans, Ho, "Progressive Distillation", 2022).
  at::Tensor velocity(const at::Tensor& x0, const at::Tensor& eps, const at::Tensor& t) const;

  /// The model's time input t / T [B], of this process's type and device.
  at::Tensor modelTime(const at::Tensor& t) const;

  std::int64_t steps() const noexcept { return steps_; }
  at::Device device() const { return signal_.device(); }
  at::ScalarType type() const { return signal_.scalar_type(); }

 private:
  at::Tensor signal_;  ///< sqrt(alphaBar) [T]
  at::Tensor sigma_;   ///< sigma [T]
  std::int64_t steps_ = 0;
};

}  // namespace dw::diffusion
