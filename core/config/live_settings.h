// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "config/recipe.h"

namespace dw::config {

/// The curve of the learning rate from one step on, as a share of the peak rate that stands beside it in LiveSettings.
/// The formulas: schedule/lr_schedule.h.
struct LrCurve {
  LrKind kind = LrKind::Constant;
  std::int64_t from = 0;       ///< updates done when it began to count: step s has the rate of s - from
  std::int64_t warmup = 0;     ///< updates over which the rate rises linearly from `start` to the peak
  double start = 0.0;          ///< rate at which the warm-up begins
  double end = 0.0;            ///< rate at the planned end: linear, cosine, polynomial
  double power = 1.0;          ///< polynomial
  double cycles = 1.0;         ///< cosine_restarts: number of half cosines after warm-up
  double risingShare = 0.3;    ///< one_cycle without warm-up: share of the curve in which the rate rises
  double startDivisor = 25.0;  ///< one_cycle: first rate = peak / startDivisor
  double finalDivisor = 1e4;   ///< one_cycle: last rate = first rate / finalDivisor
  bool operator==(const LrCurve&) const = default;
};

/// What may change while a run trains, by commands applied at a step boundary. A type of its own, so that no form can
/// offer what is frozen.
struct LiveSettings {
  double lr = 1e-4;       ///< peak rate that the curve scales
  double clipNorm = 0.0;  ///< 0 = never clipped
  double weightDecay = 0.0;
  double emaDecay = 0.0;  ///< 0 = no EMA
  std::int64_t totalSteps = 0;
  std::int64_t sampleEvery = 0;  ///< updates between sets of samples; 0 = none
  LrCurve shape{};
  std::int64_t skipped = 0;  ///< batches left out so far: update s (from 0) draws batch, t and noise of s + skipped
  bool operator==(const LiveSettings&) const = default;
};

/// A curve of that kind as one takes it unless more is said: how it ends, how often it restarts.
LrCurve usualShape(LrKind kind);

LiveSettings initialLiveSettings(const Recipe& recipe);

}  // namespace dw::config
