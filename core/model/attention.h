// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <memory>

#include "model/axial_rope.h"

namespace dw::model {

/// softmax(q k^T / sqrt(d) + mask) v (Vaswani et al. 2017), tokens attending to tokens of the same sequence.
/// Parameters "qkv.weight" (3D, D), "out.weight", "out.bias", "rope.freqs".
class SelfAttention : public torch::nn::Module {
 public:
  SelfAttention(std::int64_t dim, std::int64_t headSize);

  /// x [n, L, D]; pos [L, 2] or [n, L, 2], undefined = q and k are not rotated; mask broadcasts to [n, H, L, L] and is
  /// added to the logits as numbers, undefined = none. -> [n, L, D].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& pos, const torch::Tensor& mask = {});

 private:
  std::int64_t headSize_;
  torch::nn::Linear qkv_{nullptr}, out_{nullptr};
  std::shared_ptr<AxialRope> rope_;
};

/// Tokens attending to another sequence. Parameters "q.weight" (D, D), "kv.weight" (2D, K), "out.*", "rope.freqs".
class CrossAttention : public torch::nn::Module {
 public:
  CrossAttention(std::int64_t dim, std::int64_t contextDim, std::int64_t headSize);

  /// x [n, L, D], context [n, M, K]; pos turns q, contextPos turns k, each only if defined; mask as above.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& context, const torch::Tensor& pos,
                        const torch::Tensor& contextPos, const torch::Tensor& mask = {});

 private:
  std::int64_t headSize_;
  torch::nn::Linear q_{nullptr}, kv_{nullptr}, out_{nullptr};
  std::shared_ptr<AxialRope> rope_;
};

}  // namespace dw::model
