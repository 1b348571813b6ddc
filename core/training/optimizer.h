// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "config/recipe.h"
#include "training/named_tensors.h"

namespace dw::training {

/// What may change from one update to the next.
struct UpdateSettings {
  double lr = 0.0;
  double weightDecay = 0.0;
};

/// Turns gradients into updates of the parameters it was made for, all of them in one fused ATen call.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One update. gradients: one per parameter, in their order; an undefined one leaves its parameter alone.
  virtual void step(const std::vector<at::Tensor>& gradients, const UpdateSettings& settings) = 0;

  /// Everything that the next update depends on, for checkpoints, e.g. "exp_avg.NAME" and "step". The tensors are the
  /// optimizer's own: copy or write them before the next step.
  virtual NamedTensors state() const = 0;

  /// Takes over what state() gave. Throws Error BadData and changes nothing if a tensor is missing or has another shape.
  virtual void loadState(const NamedTensors& state);

 protected:
  Optimizer() = default;
};

/// settings.kind decides; beta1 is SGD's momentum. Parameters must be dense and of one type and device.
std::unique_ptr<Optimizer> makeOptimizer(const config::OptimSettings& settings, const NamedTensors& parameters);

}  // namespace dw::training
