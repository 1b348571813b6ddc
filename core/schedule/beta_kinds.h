// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "config/recipe.h"

namespace dw::schedule {

/// One way to choose the betas.
struct BetaKind {
  std::vector<double> (*betas)(const config::ScheduleSettings& settings);
  bool usesRange = true;         ///< false: betaMin and betaMax have no effect
  bool zeroTerminalSnr = false;  ///< betas are rescaled so that the last alphaBar is 0
  bool usesPoints = false;       ///< the curve is given by points (custom_curve.h)
  bool usesShift = false;        ///< the straight path, moved by shift
  bool noisesInFloat32 = false;  ///< its released implementation makes x_t with alphaBar rounded to float32
};

BetaKind betaKind(config::ScheduleKind kind);

}  // namespace dw::schedule
