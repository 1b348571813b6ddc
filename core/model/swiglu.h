// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include "model/kernels/swiglu.h"

namespace dw::model {

/// The feed-forward part of a block. Parameters "w12.weight" (2M, D), "w12.bias", "w3.weight" (D, M), "w3.bias".
class SwiGlu : public torch::nn::Module {
 public:
  SwiGlu(std::int64_t dim, std::int64_t hidden);

  /// x [n, L, D] -> [n, L, D].
  torch::Tensor forward(const torch::Tensor& x) const {
    return swiglu(x, w12_->weight, w12_->bias, w3_->weight, w3_->bias);
  }

 private:
  torch::nn::Linear w12_{nullptr}, w3_{nullptr};
};

}  // namespace dw::model
