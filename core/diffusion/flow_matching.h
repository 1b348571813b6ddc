// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::diffusion {

/// Straight paths between data (time 0) and noise (time 1): Liu et al., "Flow Straight and Fast", 2023.
struct FlowPair {
  at::Tensor xT;      ///< time * noise + (1 - time) * x_0, [B, C, H, W]
  at::Tensor target;  ///< noise - x_0, the path's speed, [B, C, H, W]
};

/// time = sigmoid(u) for u ~ N(0, 1) [B]: more training near the middle of the path (Esser et al. 2024, eq. 19).
at::Tensor logitNormalTime(const at::Tensor& u);

/// Time moved towards the noisy end for shift > 1: shift t / (1 + (shift - 1) t) (Esser et al. 2024, eq. 23).
double shiftedTime(double time, double shift);
at::Tensor shiftedTime(const at::Tensor& time, double shift);

/// x0, noise: [B, C, H, W]; time: [B] in [0, 1].
FlowPair flowPair(const at::Tensor& x0, const at::Tensor& noise, const at::Tensor& time);

}  // namespace dw::diffusion
