// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include "model/kernels/rotation.h"

namespace dw::model {

/// Axial rotary position embedding (Su et al. 2021; axes as in Heo et al. 2024) with trained frequencies:
/// "freqs" [H, floor(d/4), 2], logarithms, one for each head, frequency and axis (y, x).
class AxialRope : public torch::nn::Module {
 public:
  AxialRope(std::int64_t heads, std::int64_t headSize);

  /// The turns of the tokens at pos [L, 2] or [n, L, 2]: complex [(n,) L, H, 2F]. Made once, used for q and k.
  torch::Tensor turns(const torch::Tensor& pos) const { return axialTurns(freqs_, pos); }
  /// Rotates one tensor: x [n, H, L, d], pos [L, 2] or [n, L, 2].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& pos) const {
    return rotate(x.transpose(1, 2), turns(pos)).transpose(1, 2);
  }

 private:
  torch::Tensor freqs_;
};

}  // namespace dw::model
