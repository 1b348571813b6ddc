// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::diffusion {

/// A loss with everything that one pass over the difference yields.
struct Loss {
  at::Tensor value;      ///< what is minimised, 0-dim
  at::Tensor perSample;  ///< mean squared error of each sample without its weight, [B]
  at::Tensor gradient;   ///< d value / d prediction, shape of the prediction
};

/// Weighted mean squared error, value = mean_i w_i mean_chw (prediction - target)^2 (DDPM, eq. 14, with w = 1).
/// The derivative is written down here, 2 w (prediction - target) / N, and handed to prediction.backward(): building an
/// autograd graph for a square and two means would cost more than computing them. The result carries no graph.
/// prediction, target: [B, ...]; weights: [B] or undefined (all 1).
Loss meanSquaredError(const at::Tensor& prediction, const at::Tensor& target, const at::Tensor& weights = {});

}  // namespace dw::diffusion
