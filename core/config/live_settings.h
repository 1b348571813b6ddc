// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "config/recipe.h"

namespace dw::config {

/// What may change while a run trains, by commands applied at a step boundary. A type of its own, so that no form can
/// offer what is frozen.
struct LiveSettings {
  double lr = 1e-4;        ///< peak rate that the schedule scales
  double clipNorm = 0.0;   ///< 0 = never clipped
  double weightDecay = 0.0;
  double emaDecay = 0.0;   ///< 0 = no EMA
  std::int64_t totalSteps = 0;
  bool operator==(const LiveSettings&) const = default;
};

LiveSettings initialLiveSettings(const Recipe& recipe);

}  // namespace dw::config
