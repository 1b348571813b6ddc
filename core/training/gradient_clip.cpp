// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/gradient_clip.h"

#include <algorithm>

namespace dw::training {
namespace {

constexpr double kNormFloor = 1e-6;

std::vector<at::Tensor> definedOnes(const std::vector<at::Tensor>& gradients) {
  std::vector<at::Tensor> present;
  present.reserve(gradients.size());
  std::ranges::copy_if(gradients, std::back_inserter(present), [](const at::Tensor& g) { return g.defined(); });
  return present;
}

}  // namespace

at::Tensor globalNorm(const std::vector<at::Tensor>& gradients) {
  const at::NoGradGuard noGrad;
  const auto present = definedOnes(gradients);
  if (present.empty()) return at::zeros({});
  return at::linalg_vector_norm(at::stack(at::_foreach_norm(present, 2)), 2);
}

double clipFactor(double norm, double maxNorm) {
  return maxNorm > 0.0 ? std::min(1.0, maxNorm / (norm + kNormFloor)) : 1.0;
}

void scaleGradients(const std::vector<at::Tensor>& gradients, double factor) {
  const at::NoGradGuard noGrad;
  const auto present = definedOnes(gradients);
  if (!present.empty()) at::_foreach_mul_(present, factor);
}

}  // namespace dw::training
