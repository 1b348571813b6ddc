// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

/// Unit complex numbers e^(i theta) of axial rotary positions: theta_(2f+a) = pos_a * exp(freqs[h, f, a]).
/// freqs [H, F, 2] (logarithms, trained), pos [L, 2] or [n, L, 2] -> complex [(n,) L, H, 2F].
torch::Tensor axialTurns(const torch::Tensor& freqs, const torch::Tensor& pos);

/// Turns neighbours (x[2j], x[2j+1]) by theta_j; elements from 4F on stay as they are.
/// x [..., d], turns complex [..., 2F] that broadcasts against x without its last axis -> as x,
/// in float32 for bfloat16.
torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& turns);

}  // namespace dw::model
