// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace dw::training {

/// Which randomness: a pure function of these three, so a resumed run draws the same numbers without saved state.
struct StreamPosition {
  std::uint64_t runSeed = 0;
  std::int64_t step = 0;        ///< updates done before this one
  std::int64_t microBatch = 0;
};

/// What the forward process needs for one micro-batch, on the CPU.
struct StepDraw {
  at::Tensor t;    ///< int64 [B], uniform over 0..T-1 (stream "timestep")
  at::Tensor eps;  ///< standard normal, shape of the samples (stream "noise")
};

StepDraw drawStep(const StreamPosition& position, at::IntArrayRef sampleShape, std::int64_t timesteps,
                  at::ScalarType type);

}  // namespace dw::training
