// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

enum class NormKind {
  Rms,  ///< x / sqrt(mean(x^2) + 1e-6) * weight (Zhang and Sennrich 2019)
  Dyt,  ///< tanh(weight * x) (Zhu et al. 2025, "Transformers without normalization"), nothing after it
};

/// x [..., D] normed along its last axis; weight [D].
torch::Tensor normalise(NormKind kind, const torch::Tensor& x, const torch::Tensor& weight);

/// normalise(x) * onePlusScale + shift. x [n, L, D], weight [D], onePlusScale and shift [n, 1, D].
torch::Tensor normModulate(NormKind kind, const torch::Tensor& x, const torch::Tensor& weight,
                           const torch::Tensor& onePlusScale, const torch::Tensor& shift);

}  // namespace dw::model
