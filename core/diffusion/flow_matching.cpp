// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/flow_matching.h"

#include <vector>

namespace dw::diffusion {

at::Tensor logitNormalTime(const at::Tensor& u) { return at::sigmoid(u); }

double shiftedTime(double time, double shift) { return shift * time / (1.0 + (shift - 1.0) * time); }

at::Tensor shiftedTime(const at::Tensor& time, double shift) {
  return shift == 1.0 ? time : (time * shift).div(time * (shift - 1.0) + 1.0);
}

FlowPair flowPair(const at::Tensor& x0, const at::Tensor& noise, const at::Tensor& time) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x0.dim()), 1);
  shape[0] = time.size(0);
  return {.xT = at::lerp(x0, noise, time.view(shape)), .target = noise - x0};
}

}  // namespace dw::diffusion
