// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/optimizer.h"

#include "training/adam.h"
#include "training/sgd.h"

namespace dw::training {
namespace {

template <Decay decay>
std::unique_ptr<Optimizer> makeAdam(const config::OptimSettings& s, const NamedTensors& parameters) {
  const AdamSettings settings{.beta1 = s.beta1, .beta2 = s.beta2, .eps = s.eps, .decay = decay};
  return std::make_unique<Adam>(settings, parameters, rateGroups(parameters, s.fanInScaling));
}

std::unique_ptr<Optimizer> makeSgd(const config::OptimSettings& s, const NamedTensors& parameters) {
  return std::make_unique<Sgd>(s.beta1, parameters, rateGroups(parameters, s.fanInScaling));
}

}  // namespace

void Optimizer::loadState(const NamedTensors& given) { copyByName(given, state(), "the optimizer state"); }

std::unique_ptr<Optimizer> makeOptimizer(const config::OptimSettings& settings, const NamedTensors& parameters) {
  using Kind = config::OptimizerKind;
  switch (settings.kind) {
    case Kind::Adam: return makeAdam<Decay::IntoGradient>(settings, parameters);
    case Kind::AdamW: return makeAdam<Decay::Decoupled>(settings, parameters);
    case Kind::Sgd: return makeSgd(settings, parameters);
  }
  config::throwNoSuchChoice();
}

}  // namespace dw::training
