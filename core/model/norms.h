// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include "model/kernels/norm_modulation.h"

namespace dw::model {

/// RMSNorm (parameter "weight") or DyT (parameter "in_weight") over the last axis of [..., D], both starting at 1.
class Norm : public torch::nn::Module {
 public:
  Norm(NormKind kind, std::int64_t dim);

  torch::Tensor forward(const torch::Tensor& x) const { return normalise(kind_, x, weight_); }
  /// forward(x) * onePlusScale + shift in one go. onePlusScale, shift [n, 1, D].
  torch::Tensor modulated(const torch::Tensor& x, const torch::Tensor& onePlusScale, const torch::Tensor& shift) const {
    return normModulate(kind_, x, weight_, onePlusScale, shift);
  }

 private:
  NormKind kind_;
  torch::Tensor weight_;
};

}  // namespace dw::model
