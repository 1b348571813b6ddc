// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include "messages/step_metrics.h"

namespace dw::messages {

/// The validation loss after some update: mean over samples that are never trained on, each always at the same timestep with
/// the same noise. Written as it is into validation.bin.
struct ValidationPoint {
  std::int64_t step = 0;  ///< updates done
  double loss = 0.0;
  double ms = 0.0;                           ///< what measuring it took; counted in active_s, in no step_ms
  std::array<float, kTimestepBins> byBin{};  ///< mean of bin i of [0, T); NaN where a bin has no timestep
};

/// Length of an update's change over the length of the weights, both as one vector. Written into updates.bin.
struct UpdateRatio {
  std::int64_t step = 0;  ///< the update
  double ratio = 0.0;     ///< ||w after - w before|| / ||w before||
};

}  // namespace dw::messages
