// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

/// SwiGLU (Shazeer 2020, "GLU variants improve transformer"): [a | b] = x w12^T + b12; out = (SiLU(a) * b) w3^T + b3.
/// x [..., D], w12 [2M, D], b12 [2M], w3 [D, M], b3 [D] -> [..., D].
torch::Tensor swiglu(const torch::Tensor& x, const torch::Tensor& w12, const torch::Tensor& b12,
                     const torch::Tensor& w3, const torch::Tensor& b3);

}  // namespace dw::model
