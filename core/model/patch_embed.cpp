// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/patch_embed.h"

#include "model/axial_positions.h"
#include "model/low_precision.h"

namespace dw::model {

PatchEmbed::PatchEmbed(std::int64_t patchSize, std::int64_t channels, std::int64_t dim)
    : patchSize_(patchSize),
      proj_(register_module("proj",
                            torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, dim, patchSize).stride(patchSize)))) {}

PatchEmbed::Tokens PatchEmbed::forward(const torch::Tensor& x, const torch::Tensor& posMap) {
  const auto n = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3), p = patchSize_;
  const auto rows = height / p, columns = width / p;
  const auto whole = x.narrow(2, 0, rows * p).narrow(3, 0, columns * p);
  const auto patches = whole.unflatten(3, {columns, p})
                           .unflatten(2, {rows, p})  // [n, C, rows, p, columns, p]
                           .permute({0, 2, 4, 1, 3, 5})
                           .reshape({n, rows * columns, channels * p * p});
  const auto tokens = torch::linear(patches, proj_->weight.flatten(1), proj_->bias).to(x.scalar_type());
  const LowPrecision exact(x.device().type(), false);
  if (posMap.defined()) return {tokens, resamplePositions(posMap, height, width, rows, columns)};
  return {tokens, gridFor(rows, columns, tokens.options())};
}

const torch::Tensor& PatchEmbed::gridFor(std::int64_t rows, std::int64_t columns, const torch::TensorOptions& options) {
  const bool same = grid_.defined() && rows == gridRows_ && columns == gridColumns_ &&
                    grid_.dtype() == options.dtype() && grid_.device() == options.device();
  if (!same) {
    const torch::NoGradGuard noGrad;
    grid_ = gridPositions(rows, columns, options.requires_grad(false));
    gridRows_ = rows;
    gridColumns_ = columns;
  }
  return grid_;
}

UnPatch::UnPatch(std::int64_t patchSize, std::int64_t channels, std::int64_t dim)
    : patchSize_(patchSize),
      channels_(channels),
      proj_(register_module("proj", torch::nn::Linear(dim, patchSize * patchSize * channels))) {}

torch::Tensor UnPatch::forward(const torch::Tensor& x, std::int64_t rows, std::int64_t columns) {
  const auto n = x.size(0), p = patchSize_;
  return proj_->forward(x)
      .view({n, rows, columns, p, p, channels_})
      .permute({0, 5, 1, 3, 2, 4})
      .reshape({n, channels_, rows * p, columns * p});
}

}  // namespace dw::model
