// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/ema.h"

#include <algorithm>
#include <cmath>

namespace dw::training {

double emaDecay(const EmaDecay& settings, std::int64_t update) {
  const auto s = static_cast<double>(update - settings.updateAfter - 1);
  if (s <= 0.0) return 0.0;
  const double ramp = settings.ramp == EmaDecay::Ramp::Power
                          ? 1.0 - std::pow(1.0 + s / settings.invGamma, -settings.power)
                          : (1.0 + s) / (10.0 + s);
  return std::max(std::min(ramp, settings.decay), settings.minDecay);
}

Ema::Ema(const EmaDecay& settings, const NamedTensors& parameters) : settings_(settings) {
  const at::NoGradGuard noGrad;
  for (const auto& [name, tensor] : parameters) {
    names_.push_back(name);
    parameters_.push_back(tensor.detach());  // shares storage, so it follows the parameter
    shadow_.push_back(tensor.detach().clone());
  }
}

void Ema::update(double decay) {
  const at::NoGradGuard noGrad;
  settings_.decay = decay;
  ++updates_;
  if (!shadow_.empty()) at::_foreach_lerp_(shadow_, parameters_, 1.0 - emaDecay(settings_, updates_));
}

NamedTensors Ema::shadow() const {
  NamedTensors named;
  for (std::size_t i = 0; i < names_.size(); ++i) named.push_back({names_[i], shadow_[i]});
  return named;
}

void Ema::load(const NamedTensors& given, std::int64_t updates) {
  copyByName(given, shadow(), "the averaged weights");
  updates_ = updates;
}

}  // namespace dw::training
