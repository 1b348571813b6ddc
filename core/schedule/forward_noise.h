// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "schedule/noise_schedule.h"

namespace dw::schedule {

/// What x_t is mixed from at one t: x_t = signal * x_0 + sigma * eps (DDPM, eq. 4).
struct ForwardTerms {
  double signal = 1.0;  ///< sqrt(alphaBar_t)
  double sigma = 0.0;   ///< sqrt(1 - alphaBar_t)
};

/// Throws Error Usage if t lies outside 0..T-1.
ForwardTerms forwardTerms(const NoiseSchedule& schedule, std::int64_t t);

/// x_t without LibTorch, in float32 as the trainer makes it (diffusion/forward_process.h). All spans of one size.
void addNoise(std::span<const float> x0, std::span<const float> eps, const ForwardTerms& terms, std::span<float> xT);

/// The noise that belongs to a seed: the same numbers wherever t stands. Independent of every stream of training.
std::vector<float> noiseOfSeed(std::uint64_t seed, std::size_t count);

/// A typed list of timesteps: "0, 250 500;999".
struct TimestepList {
  std::vector<std::int64_t> values;  ///< in the order they were typed
  Problems problems;                 ///< field "t": no number, outside 0..steps-1, none at all, too many
};
inline constexpr std::size_t kMostTimesteps = 256;  ///< of one list: more pictures than that are no sheet
TimestepList parseTimesteps(std::string_view text, std::int64_t steps);

}  // namespace dw::schedule
