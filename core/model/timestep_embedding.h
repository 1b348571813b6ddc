// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

/// Sinusoidal time embedding (Vaswani et al. 2017, cosines first) and one layer: Mish(Linear(e(1000 t))).
/// Buffer "freqs" [1, D/2], parameters "proj.0.weight", "proj.0.bias".
class TimestepEmbedding : public torch::nn::Module {
 public:
  explicit TimestepEmbedding(std::int64_t dim);

  /// t [n, 1] in [0, 1] -> [n, 1, D].
  torch::Tensor forward(const torch::Tensor& t);

 private:
  torch::Tensor freqs_;
  torch::nn::Sequential proj_{nullptr};
};

}  // namespace dw::model
