// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/modulation.h"

#include "base/error.h"

namespace dw::model {

Modulation Modulation::fromThirds(const torch::Tensor& thirds, torch::ScalarType type) {
  const auto parts = thirds.to(type).chunk(3, -1);
  return {parts[0] + 1, parts[1], parts[2] + 1};
}

torch::nn::Sequential makeSharedModulationNet(std::int64_t dim) {
  return torch::nn::Sequential(torch::nn::LayerNorm(torch::nn::LayerNormOptions({dim}).eps(1e-5)),
                               torch::nn::Linear(dim, 4 * dim), torch::nn::Mish(), torch::nn::Linear(4 * dim, 3 * dim));
}

ModulatedNorm::ModulatedNorm(NormKind kind, std::int64_t dim, bool shared)
    : norm_(register_module("norm", std::make_shared<Norm>(kind, dim))) {
  if (!shared) adaln_ = register_module("adaln", torch::nn::Linear(dim, 3 * dim));
}

ModulatedNorm::Result ModulatedNorm::forward(const torch::Tensor& x, const torch::Tensor& temb,
                                             const Modulation* shared) {
  if (adaln_.is_empty() == (shared == nullptr)) {
    throw Error(ErrorKind::Internal, "a norm needs either a modulation net of its own or a shared modulation");
  }
  const auto m = shared ? *shared : Modulation::fromThirds(adaln_->forward(temb), temb.scalar_type());
  return {norm_->modulated(x, m.onePlusScale, m.shift), m.onePlusGate};
}

}  // namespace dw::model
