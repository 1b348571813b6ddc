// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/norm_modulation.h"

#include "model/kernels/scaled_sum.h"

namespace dw::model {

namespace {

constexpr double kRmsEps = 1e-6;

torch::Tensor inverseRms(const torch::Tensor& x) { return x.square().mean(-1, true).add(kRmsEps).rsqrt(); }

}  // namespace

torch::Tensor normalise(NormKind kind, const torch::Tensor& x, const torch::Tensor& weight) {
  if (kind == NormKind::Dyt) return torch::tanh(x * weight);
  return x * inverseRms(x) * weight;
}

torch::Tensor normModulate(NormKind kind, const torch::Tensor& x, const torch::Tensor& weight,
                           const torch::Tensor& onePlusScale, const torch::Tensor& shift) {
  if (kind == NormKind::Dyt) return scaledSum(shift, torch::tanh(x * weight), onePlusScale);
  // LibTorch's own norm is one launch each way on a GPU, where small models wait for launches.
  if (x.is_cuda()) return scaledSum(shift, torch::rms_norm(x, {x.size(-1)}, weight, kRmsEps), onePlusScale);
  // weight and scale meet in [n, 1, D] first: one pass less over the tokens.
  return torch::addcmul(shift, x * inverseRms(x), weight * onePlusScale);
}

}  // namespace dw::model
