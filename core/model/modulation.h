// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <memory>

#include "model/norms.h"

namespace dw::model {

/// What the time embedding does to one norm, each [n, 1, D]. One is added to scale and gate once, where they are made,
/// so that a zero-initialised net changes nothing.
struct Modulation {
  torch::Tensor onePlusScale, shift, onePlusGate;

  /// From the thirds (scale | shift | gate) of the last axis of [n, 1, 3D], as numbers of that type.
  static Modulation fromThirds(const torch::Tensor& thirds, torch::ScalarType type);
};

/// The net that makes one modulation for all norms of a kind (adaptive layer norm, Peebles and Xie 2023, shared as in
/// PixArt): thirds of Linear_3(Mish(Linear_1(LayerNorm_0(temb)))). A Sequential, so the parameters are "0.weight", ...
torch::nn::Sequential makeSharedModulationNet(std::int64_t dim);

/// The three shared modulations of one forward pass. Defined or not as a whole.
struct SharedModulations {
  Modulation attn, xattn, ffw;
};

/// Norm with modulation: "norm.*", and "adaln.weight" (3D, D), "adaln.bias" when it is not shared.
class ModulatedNorm : public torch::nn::Module {
 public:
  ModulatedNorm(NormKind kind, std::int64_t dim, bool shared);

  struct Result {
    torch::Tensor h;            ///< norm(x) * (1 + scale) + shift, [n, L, D]
    torch::Tensor onePlusGate;  ///< [n, 1, D]
  };
  /// x [n, L, D], temb [n, 1, D]; shared must be given exactly when this norm has no net of its own.
  Result forward(const torch::Tensor& x, const torch::Tensor& temb, const Modulation* shared);

 private:
  std::shared_ptr<Norm> norm_;
  torch::nn::Linear adaln_{nullptr};
};

}  // namespace dw::model
