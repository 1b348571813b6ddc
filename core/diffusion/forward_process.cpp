// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/forward_process.h"

#include <vector>

namespace dw::diffusion {
namespace {

at::Tensor table(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }

/// Entries of a table at t, shaped to multiply samples: [B] -> [B, 1, 1, 1].
at::Tensor gather(const at::Tensor& values, const at::Tensor& t, std::int64_t rank) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 1);
  shape[0] = t.size(0);
  return values.index_select(0, t.to(values.device())).view(shape);
}

}  // namespace

ForwardProcess::ForwardProcess(const schedule::NoiseSchedule& schedule, at::Device device, at::ScalarType type)
    : signal_(table(schedule.forwardAlphaBar).sqrt().to(device, type)),
      sigma_((1.0 - table(schedule.forwardAlphaBar)).sqrt().to(device, type)),
      steps_(schedule.steps()) {}

at::Tensor ForwardProcess::sample(const at::Tensor& x0, const at::Tensor& eps, const at::Tensor& t) const {
  return at::mul(x0, gather(signal_, t, x0.dim())).addcmul_(eps, gather(sigma_, t, x0.dim()));
}

at::Tensor ForwardProcess::velocity(const at::Tensor& x0, const at::Tensor& eps, const at::Tensor& t) const {
  return at::mul(eps, gather(signal_, t, x0.dim())).addcmul_(x0, gather(sigma_, t, x0.dim()), -1);
}

at::Tensor ForwardProcess::modelTime(const at::Tensor& t) const {
  return t.to(device(), type()).div_(static_cast<double>(steps_));
}

}  // namespace dw::diffusion
