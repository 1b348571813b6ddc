// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "trials/trial.h"

namespace dw::trials {

/// What a run would cost.
struct DryRun {
  std::int64_t parameters = 0;
  std::int64_t batch = 0;
  std::int64_t stepsLeft = 0;  ///< of the recipe
  int threads = 0;
  std::string device;

  std::uint64_t peakBytes = 0;       ///< most memory that training takes; measured, or reckoned if it does not fit
  std::uint64_t availableBytes = 0;  ///< what the machine, or its GPU, could give; 0 = unknown
  bool fits = true;                  ///< below 90 % of that
  std::int64_t fittingBatch = 0;     ///< the largest that does; batch itself if it fits; 0: not even one sample

  double fastestS = 0.0, slowestS = 0.0, meanS = 0.0;  ///< seconds of a step; 0 if it does not fit
  /// Seconds that the run would take, from the fastest and the slowest step.
  double shortestS() const { return fastestS * static_cast<double>(stepsLeft); }
  double longestS() const { return slowestS * static_cast<double>(stepsLeft); }
};

inline constexpr int kDryRunSteps = 3;
inline constexpr double kMemoryShare = 0.9;  ///< of what is available

/// Memory as a straight line through what one and two samples take. availableBytes 0 = unknown. The largest batch
/// that stays below the share; 0: none does.
std::int64_t largestFittingBatch(std::uint64_t bytesOfOne, std::uint64_t bytesOfTwo, std::uint64_t availableBytes);
std::uint64_t reckonedBytes(std::uint64_t bytesOfOne, std::uint64_t bytesOfTwo, std::int64_t batch);

/// Takes single steps with 1, 2, 4 and perhaps more samples to reckon the memory of the whole batch; if that fits, one step to
/// warm up and three that are timed, with the recipe's batch. Throws Error (Cancelled if progress said false) and std::bad_alloc.
DryRun dryRun(const trainer::TaskFactory& makeTask, const TrialRequest& request, const TrialProgress& progress = {});

}  // namespace dw::trials
