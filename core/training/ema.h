// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "training/named_tensors.h"

namespace dw::training {

/// How an exponential moving average forgets. With s = update - updateAfter - 1 (updates are counted from 1):
/// power ramp 1 - (1 + s / invGamma)^-power, rational ramp (1 + s) / (10 + s), both kept within [minDecay, decay];
/// 0, a plain copy, while s <= 0.
struct EmaDecay {
  enum class Ramp { Power, Rational };
  double decay = 0.999;
  double minDecay = 0.0;
  std::int64_t updateAfter = 0;
  Ramp ramp = Ramp::Power;
  double invGamma = 1.0;
  double power = 2.0 / 3.0;
};

/// Decay that update number `update` (the first is 1) uses.
double emaDecay(const EmaDecay& settings, std::int64_t update);

/// Moving average of parameters: shadow = d shadow + (1 - d) parameter. Starts as a copy.
class Ema {
 public:
  Ema(const EmaDecay& settings, const NamedTensors& parameters);

  /// Once after each optimizer update. decay: the upper limit, which may change while training.
  void update(double decay);

  std::int64_t updates() const noexcept { return updates_; }
  /// Averaged parameters under the parameters' names: what ema.safetensors holds. The tensors are the Ema's own.
  NamedTensors shadow() const;
  /// Takes over a saved average after `updates` updates. Throws Error BadData and changes nothing if it does not fit.
  void load(const NamedTensors& shadow, std::int64_t updates);

 private:
  EmaDecay settings_;
  std::int64_t updates_ = 0;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> shadow_;
};

}  // namespace dw::training
