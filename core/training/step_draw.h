// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "diffusion/timestep_sampler.h"

namespace dw::training {

/// Which randomness: a pure function of these three, so a resumed run draws the same numbers without saved state.
struct StreamPosition {
  std::uint64_t runSeed = 0;
  std::int64_t step = 0;  ///< updates done before this one
  std::int64_t microBatch = 0;
};

/// What the forward process needs for one micro-batch, on the CPU.
struct StepDraw {
  at::Tensor t;         ///< int64 [B], 0..T-1 (stream "timestep")
  at::Tensor eps;       ///< standard normal, shape of the samples (stream "noise")
  at::Tensor time{};    ///< double [B], where the path is continuous
  at::Tensor weight{};  ///< double [B], where some timesteps are drawn more often than others
};

/// t is uniform over 0..timesteps-1.
StepDraw drawStep(const StreamPosition& position, at::IntArrayRef sampleShape, std::int64_t timesteps,
                  at::ScalarType type);
StepDraw drawStep(const StreamPosition& position, at::IntArrayRef sampleShape,
                  const diffusion::TimestepSampler& timesteps, at::ScalarType type);

/// Which samples are not told their condition: bool [count] on the CPU, each true with chance `share`, of a stream of its
/// own ("label", "context").
at::Tensor drawHidden(const StreamPosition& position, const char* stream, std::int64_t count, double share);

}  // namespace dw::training
