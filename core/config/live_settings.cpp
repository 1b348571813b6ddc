// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/live_settings.h"

namespace dw::config {

LiveSettings initialLiveSettings(const Recipe& recipe) {
  return {.lr = recipe.optim.lr,
          .clipNorm = recipe.optim.clipNorm,
          .weightDecay = recipe.optim.weightDecay,
          .emaDecay = recipe.ema.decay,
          .totalSteps = recipe.train.steps};
}

}  // namespace dw::config
