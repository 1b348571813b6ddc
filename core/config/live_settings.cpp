// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/live_settings.h"

namespace dw::config {

LiveSettings initialLiveSettings(const Recipe& recipe) {
  constexpr double kPolynomialEnd = 1e-7;
  const auto& optim = recipe.optim;
  return {.lr = optim.lr,
          .clipNorm = optim.clipNorm,
          .weightDecay = optim.weightDecay,
          .emaDecay = recipe.ema.decay,
          .totalSteps = recipe.train.steps,
          .sampleEvery = recipe.sample.every,
          .shape = {.kind = optim.lrSchedule, .warmup = optim.warmup, .end = optim.lrSchedule == "polynomial" ? kPolynomialEnd : 0.0}};
}

}  // namespace dw::config
