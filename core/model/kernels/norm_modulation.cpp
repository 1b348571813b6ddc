// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/kernels/norm_modulation.h"

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
  if (kind == NormKind::Dyt) return torch::addcmul(shift, torch::tanh(x * weight), onePlusScale);
  // weight and scale meet in [n, 1, D] first: one pass less over the tokens.
  return torch::addcmul(shift, x * inverseRms(x), weight * onePlusScale);
}

}  // namespace dw::model
