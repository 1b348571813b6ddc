// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>

#include "diffusion/predictor.h"
#include "diffusion/samplers/sampler.h"

namespace dw::diffusion {

/// One intermediate state of a trajectory.
struct SamplingState {
  std::int64_t step = 0;   ///< model calls done, from 1
  std::int64_t steps = 0;  ///< of so many
  double t = 0.0;          ///< the timestep that the model was asked at
  at::Tensor x;            ///< after the step, in the sampler's scale
  at::Tensor shown;        ///< the same at unit variance, as a model would see it
  at::Tensor x0;           ///< x0-hat
};

/// Classifier-free guidance (Ho, Salimans 2022): output = without + weight (with - without), both in ONE doubled batch.
/// weight 1: only with, 0: only without. without: what the model is told when it is told nothing.
struct Guidance {
  double weight = 1.0;
  Condition with, without;
};

/// Called after each step; false cancels: no further model call is made.
using EachState = std::function<bool(const SamplingState&)>;

/// Runs a sampler from standard normal noise [B, C, H, W] to x_0. The result is undefined if `each` cancelled.
at::Tensor runSampler(Sampler& sampler, const at::Tensor& unitNoise, const Predictor& predictor,
                      const Guidance& guidance, const StepNoise& noise, const EachState& each = {});

}  // namespace dw::diffusion
