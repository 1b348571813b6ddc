// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/loss.h"

#include <vector>

namespace dw::diffusion {

Loss meanSquaredError(const at::Tensor& prediction, const at::Tensor& target, const at::Tensor& weights) {
  const at::NoGradGuard noGrad;
  at::Tensor difference = prediction - target;
  const at::Tensor rows = difference.flatten(1);
  // A row's dot product with itself: one pass, and no tensor of squares.
  const at::Tensor perSample =
      at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}).square_().div_(static_cast<double>(rows.size(1)));
  const double scale = 2.0 / static_cast<double>(difference.numel());
  if (!weights.defined()) return {perSample.mean(), perSample, difference.mul_(scale)};
  std::vector<std::int64_t> shape(static_cast<std::size_t>(difference.dim()), 1);
  shape[0] = weights.size(0);
  return {(perSample * weights).mean(), perSample, difference.mul_((weights * scale).view(shape))};
}

}  // namespace dw::diffusion
