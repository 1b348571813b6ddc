// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

/// Whether shortAttention takes these: on the CPU, in float32, with heads and keys that suit its kernels.
/// Shapes as below.
bool suitsShortAttention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v);

/// softmax(q k^T / sqrt(d)) v for short heads, forward and backward (kernels/attention_heads.h), heads over the threads.
/// q [n, L, H, d], k and v [n, M, H, d] -> [n, L, H * d]. Cannot be differentiated twice.
torch::Tensor shortAttention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v);

}  // namespace dw::model
