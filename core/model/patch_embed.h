// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace dw::model {

/// Patches to tokens: a convolution with kernel = stride = p, computed as one linear map of unfolded patches.
/// Parameters "proj.weight" (D, C, p, p), "proj.bias".
class PatchEmbed : public torch::nn::Module {
 public:
  PatchEmbed(std::int64_t patchSize, std::int64_t channels, std::int64_t dim);

  struct Tokens {
    torch::Tensor x;    ///< [n, L, D], patches row after row
    torch::Tensor pos;  ///< [L, 2] from the grid, or [n, L, 2] resampled from posMap
  };
  /// x [n, C, h, w] with h, w >= p (a rest smaller than a patch is cut off); posMap [n, h * w, 2] or undefined.
  Tokens forward(const torch::Tensor& x, const torch::Tensor& posMap);

 private:
  const torch::Tensor& gridFor(std::int64_t rows, std::int64_t columns, const torch::TensorOptions& options);

  std::int64_t patchSize_;
  torch::nn::Conv2d proj_{nullptr};
  torch::Tensor grid_;  ///< positions of the last grid, kept because nearly all calls have the same
  std::int64_t gridRows_ = 0, gridColumns_ = 0;
};

/// Tokens back to pixels: Linear to p * p * C numbers in the order (row in patch, column in patch, channel).
/// Parameters "proj.weight" (p * p * C, D), "proj.bias".
class UnPatch : public torch::nn::Module {
 public:
  UnPatch(std::int64_t patchSize, std::int64_t channels, std::int64_t dim);

  /// x [n, rows * columns, D] -> [n, C, rows * p, columns * p].
  torch::Tensor forward(const torch::Tensor& x, std::int64_t rows, std::int64_t columns);

 private:
  std::int64_t patchSize_, channels_;
  torch::nn::Linear proj_{nullptr};
};

}  // namespace dw::model
