// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/flow_matching.h"

#include <vector>

namespace dw::diffusion {

at::Tensor logitNormalTime(const at::Tensor& u) { return at::sigmoid(u); }

FlowPair flowPair(const at::Tensor& x0, const at::Tensor& noise, const at::Tensor& time) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x0.dim()), 1);
  shape[0] = time.size(0);
  return {.xT = at::lerp(x0, noise, time.view(shape)), .target = noise - x0};
}

}  // namespace dw::diffusion
