// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/recipe.h"

namespace dw::schedule {

/// One way to choose the betas. A new one is one function and one line in the table of beta_kinds.cpp.
struct BetaKind {
  std::string_view name;
  std::vector<double> (*betas)(const config::ScheduleSettings& settings);
  bool usesRange = true;         ///< false: betaMin and betaMax have no effect
  bool zeroTerminalSnr = false;  ///< betas are rescaled so that the last alphaBar is 0
  bool usesPoints = false;       ///< the curve is given by points (custom_curve.h)
  bool usesShift = false;        ///< the straight path, moved by shift
  bool noisesInFloat32 = false;  ///< its released implementation makes x_t with alphaBar rounded to float32
};

std::span<const BetaKind> betaKinds();

/// Null if there is none of that name.
const BetaKind* findBetaKind(std::string_view name);

}  // namespace dw::schedule
