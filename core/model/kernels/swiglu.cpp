// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/swiglu.h"

#include "model/kernels/swiglu_tiled.h"
#include "model/low_precision.h"

namespace dw::model {

torch::Tensor swiglu(const torch::Tensor& x, const torch::Tensor& w12, const torch::Tensor& b12,
                     const torch::Tensor& w3, const torch::Tensor& b3) {
  if (x.is_cpu() && x.scalar_type() == torch::kFloat32 && !LowPrecision::isOn(torch::kCPU))
    return swigluTiled(x, w12, b12, w3, b3);
  const auto halves = torch::linear(x, w12, b12).chunk(2, -1);
  return torch::linear(torch::silu(halves[0]) * halves[1], w3, b3);
}

}  // namespace dw::model
