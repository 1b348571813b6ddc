// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"
#include "config/recipe.h"

namespace dw::schedule {

/// How the learning rate moves over a run. step counts finished updates: update number k (from 0) uses the rate of k.
struct LrSettings {
  std::string kind = "constant";    ///< see lrScheduleKinds()
  double peak = 1e-4;               ///< rate after warm-up
  std::int64_t warmup = 0;          ///< updates over which the rate rises linearly from 0 (one_cycle: its rising part)
  double cycles = 1.0;              ///< cosine_restarts: number of half cosines after warm-up
  double power = 1.0;               ///< polynomial
  double end = 1e-7;                ///< polynomial: rate at the end
  double risingShare = 0.3;         ///< one_cycle without warmup: share of the run in which the rate rises
  double startDivisor = 25.0;       ///< one_cycle: first rate = peak / startDivisor
  double finalDivisor = 1e4;        ///< one_cycle: last rate = first rate / finalDivisor
};

/// Names of all kinds, in menu order: constant, linear, cosine, cosine_restarts, one_cycle, polynomial.
std::vector<std::string> lrScheduleKinds();

/// Settings of a recipe with the peak rate that the user may have changed meanwhile.
LrSettings lrSettings(const config::OptimSettings& optim, double peak);

/// Unknown kind (names the nearest), negative warm-up, rate not above 0.
Problems validateLr(const LrSettings& settings);

/// The bare formula. Past `total` it goes on as the formula says: a cosine rises again.
/// Throws Error Usage if the kind is unknown.
double learningRateFormula(const LrSettings& settings, std::int64_t step, std::int64_t total);

/// What training uses: the formula, which stays at the rate of the last planned update (total - 1) from there on.
double learningRate(const LrSettings& settings, std::int64_t step, std::int64_t total);

}  // namespace dw::schedule
