// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/optimizer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "config/recipe_fields.h"
#include "training/adam.h"
#include "training/sgd.h"

namespace dw::training {
namespace {

using Maker = std::unique_ptr<Optimizer> (*)(const config::OptimSettings&, const NamedTensors&);

struct Kind {
  std::string_view name;
  Maker make;
};

template <Decay decay>
std::unique_ptr<Optimizer> makeAdam(const config::OptimSettings& s, const NamedTensors& parameters) {
  const AdamSettings settings{.beta1 = s.beta1, .beta2 = s.beta2, .eps = s.eps, .decay = decay};
  return std::make_unique<Adam>(settings, parameters, rateGroups(parameters, s.fanInScaling));
}

std::unique_ptr<Optimizer> makeSgd(const config::OptimSettings& s, const NamedTensors& parameters) {
  return std::make_unique<Sgd>(s.beta1, parameters, rateGroups(parameters, s.fanInScaling));
}

constexpr std::array kKinds{
    Kind{"adam", makeAdam<Decay::IntoGradient>},
    Kind{"adamw", makeAdam<Decay::Decoupled>},
    Kind{"sgd", makeSgd},
};

}  // namespace

void Optimizer::loadState(const NamedTensors& given) { copyByName(given, state(), "the optimizer state"); }

std::vector<std::string> optimizerKinds() {
  std::vector<std::string> names;
  for (const auto& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::unique_ptr<Optimizer> makeOptimizer(const config::OptimSettings& settings, const NamedTensors& parameters) {
  const auto kind = std::ranges::find(kKinds, std::string_view(settings.kind), &Kind::name);
  if (kind == kKinds.end()) {
    throw Error(ErrorKind::Usage, "there is no optimizer called '" + settings.kind + "'",
                "did you mean " + config::nearestName(settings.kind, optimizerKinds()) + "?");
  }
  return kind->make(settings, parameters);
}

}  // namespace dw::training
