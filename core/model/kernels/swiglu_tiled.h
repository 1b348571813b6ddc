// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace dw::model {

/// SwiGLU on the CPU in float32 without ever holding the hidden numbers [N, 2M] in memory: rows and hidden columns are
/// worked off in tiles that stay in the second-level cache (narrow layers: by the kernels of swiglu_narrow.h, in the
/// first), and the backward pass computes them again. Same arithmetic as
/// swiglu() up to the order of sums. Results depend on the number of threads in the last digits only through that order.
/// x [..., D], w12 [2M, D], b12 [2M], w3 [D, M], b3 [D] -> [..., D].
at::Tensor swigluTiled(const at::Tensor& x, const at::Tensor& w12, const at::Tensor& b12, const at::Tensor& w3,
                       const at::Tensor& b3);

}  // namespace dw::model
