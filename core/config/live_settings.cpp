// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/live_settings.h"

namespace dw::config {

LrCurve usualShape(LrKind kind) {
  constexpr double kPolynomialEnd = 1e-7, kRestarts = 4.0;
  LrCurve shape{.kind = kind};
  if (kind == LrKind::Polynomial) shape.end = kPolynomialEnd;
  if (kind == LrKind::CosineRestarts) shape.cycles = kRestarts;
  return shape;
}

LiveSettings initialLiveSettings(const Recipe& recipe) {
  const auto& optim = recipe.optim;
  auto shape = usualShape(optim.lrSchedule);
  shape.warmup = optim.warmup;
  return {.lr = optim.lr,
          .clipNorm = optim.clipNorm,
          .weightDecay = optim.weightDecay,
          .emaDecay = recipe.ema.decay,
          .totalSteps = recipe.train.steps,
          .sampleEvery = recipe.sample.every,
          .shape = shape};
}

}  // namespace dw::config
