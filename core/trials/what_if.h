// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trials/trial.h"

namespace dw::trials {

/// What became of some steps with one learning rate.
struct RateBranch {
  double rate = 0.0;  ///< peak rate that the schedule scales
  std::vector<messages::StepMetrics> steps;
  double endLoss = 0.0;                ///< mean of the last quarter of its steps; NaN if it failed
  std::optional<double> validation{};  ///< of the weights at its end, where the recipe holds samples back
  std::string failure{};               ///< why it ended early, e.g. that the loss is not finite; empty = it did not
};

/// Several rates from one state on.
struct WhatIf {
  std::int64_t firstStep = 0;  ///< updates done where they begin
  std::vector<RateBranch> branches;
  bool cancelled = false;  ///< given up midway: the last branch may be short
  /// Place of the branch with the lowest validation loss, or where that is not measured the lowest endLoss.
  std::optional<std::size_t> best() const;
};

struct TrialObserver {
  TrialProgress progress{};
  /// A step of a branch; comes from the thread that works.
  std::function<void(std::size_t branch, const messages::StepMetrics& step)> step{};
};

/// Forks a branch for each rate from the checkpoint, or from new weights, and trains each on the same batches with the same
/// noise, so that they differ by the rate alone. Nothing is written; a run that goes on from there with the rate of a branch
/// repeats that branch bit by bit (same machine, same threads). Throws Error; a branch whose loss becomes infinite does not.
WhatIf whatIf(const trainer::TaskFactory& makeTask, const TrialRequest& request, std::span<const double> rates,
              std::int64_t steps, const TrialObserver& observer = {});

/// The learning-rate range test (Smith, "Cyclical learning rates", 2017): one branch whose rate rises by a constant factor at
/// each step, from `lowest` to `highest`, until the loss blows up.
struct RangeTest {
  std::vector<messages::StepMetrics> steps;  ///< lr: the rate of each
  std::optional<double> suggested;           ///< see suggestRate
  bool blewUp = false;                       ///< it ended early
  bool cancelled = false;
};
RangeTest rangeTest(const trainer::TaskFactory& makeTask, const TrialRequest& request, double lowest, double highest,
                    std::int64_t steps, const TrialObserver& observer = {});

/// Rate of step i of n.
double sweptRate(double lowest, double highest, std::int64_t i, std::int64_t n);

/// Where the smoothed loss falls steepest over log rate, before its lowest point: a rate that learns fast and is still safe. Empty
/// if it falls nowhere. rates rise; the smoothing is an average that forgets by 0.9 a step, free of bias.
std::optional<double> suggestRate(std::span<const double> rates, std::span<const double> losses);

}  // namespace dw::trials
