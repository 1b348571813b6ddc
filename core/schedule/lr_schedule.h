// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "base/problem.h"
#include "config/live_settings.h"

namespace dw::schedule {

/// How the learning rate moves over a run. step counts finished updates: update number k (from 0) uses the rate of k.
struct LrSettings {
  config::LrKind kind = config::LrKind::Constant;
  double peak = 1e-4;  ///< rate after warm-up
  /// updates over which the rate rises linearly from `start` (one_cycle: its rising part)
  std::int64_t warmup = 0;
  double cycles = 1.0;         ///< cosine_restarts: number of half cosines after warm-up
  double power = 1.0;          ///< polynomial
  double end = 1e-7;           ///< polynomial: rate at the end
  double risingShare = 0.3;    ///< one_cycle without warmup: share of the run in which the rate rises
  double startDivisor = 25.0;  ///< one_cycle: first rate = peak / startDivisor
  double finalDivisor = 1e4;   ///< one_cycle: last rate = first rate / finalDivisor
  double start = 0.0;          ///< rate at which warm-up begins
  double floor = 0.0;          ///< linear, cosine: rate at the end
};

/// Whether its last rate may be chosen (LrCurve::end).
bool hasLastRate(config::LrKind kind);

/// The curve that live settings describe, counted from its own beginning (shape.from).
LrSettings lrSettings(const config::LiveSettings& live);

/// Negative warm-up, rate not above 0, a member that its formula cannot bear.
Problems validateLr(const LrSettings& settings);

/// The bare formula. Past `total` it goes on as the formula says: a cosine rises again.
double learningRateFormula(const LrSettings& settings, std::int64_t step, std::int64_t total);

/// What training uses: the formula, which stays at the rate of the last planned update (total - 1) from there on.
double learningRate(const LrSettings& settings, std::int64_t step, std::int64_t total);

/// The rate that update number `step` (from 0) uses with these settings, whatever stood before they were set.
double learningRate(const config::LiveSettings& live, std::int64_t step);

/// One point of the curve ahead: the update after which it counts as `step` in plots (update number step - 1).
struct RatePoint {
  std::int64_t step = 0;
  double rate = 0.0;
};

/// The rates to come if nobody changes anything: updates done + 1 .. totalSteps, thinned out evenly to at most `most`
/// points (at least 2), the first and the last always among them. Empty when no update is left.
std::vector<RatePoint> ratesAhead(const config::LiveSettings& live, std::int64_t done, std::size_t most);

}  // namespace dw::schedule
