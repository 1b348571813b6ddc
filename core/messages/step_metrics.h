// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

namespace dw::messages {

inline constexpr int kTimestepBins = 20;

/// What one optimizer update leaves behind; trivially copyable, written as it is up to updateRatio into metrics.bin (little-endian).
/// Phases sum to stepMs: data (waiting for the batch), forward (diffusion, model, loss), backward, optimizer (norm, clip,
/// update, EMA), rest (everything else, the writing of this record included).
struct StepMetrics {
  std::int64_t step = 0;  ///< updates done, the first is 1
  double loss = 0.0;
  double lr = 0.0;        ///< rate this update used
  double gradNorm = 0.0;  ///< global L2 norm before clipping
  float stepMs = 0.0F;
  float dataMs = 0.0F;
  float forwardMs = 0.0F;
  float backwardMs = 0.0F;
  float optimizerMs = 0.0F;
  float restMs = 0.0F;
  std::int64_t samplesSeen = 0;
  double activeS = 0.0;                        ///< seconds of training so far, pauses left out
  std::array<float, kTimestepBins> lossSum{};  ///< sums of per-sample losses whose t fell into bin i of [0, T)
  std::array<float, kTimestepBins> lossCount{};
  // Not in metrics.bin:
  double updateRatio = 0.0;  ///< measurements.h, at some steps; 0 = not measured at this one, or read from the file
};

}  // namespace dw::messages
