// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "config/recipe.h"
#include "diffusion/forward_process.h"
#include "diffusion/prediction_target.h"
#include "diffusion/timestep_sampler.h"

namespace dw::diffusion {

/// What the model is shown and what it is to answer, of one micro-batch.
struct TrainingPair {
  at::Tensor xT;      ///< [B, C, H, W]
  at::Tensor time;    ///< the model's time input [B], in [0, 1]
  at::Tensor target;  ///< what it is to predict, shape of xT
  at::Tensor weight;  ///< what each loss counts [B]; undefined = all 1
};

/// From clean samples to training pairs: the forward process, the target and the weight of its loss.
class Objective {
 public:
  /// The noise as target, every loss counts the same.
  Objective(ForwardProcess process) : process_(std::move(process)) {}  // NOLINT(google-explicit-constructor)
  /// Throws Error Usage if the target does not go with the schedule or the weight.
  Objective(const schedule::NoiseSchedule& schedule, const config::DiffusionSettings& settings, at::Device device,
            at::ScalarType type);

  TrainingPair pairAt(const at::Tensor& x0, const at::Tensor& eps, const TimestepDraw& draw) const;

  std::int64_t steps() const noexcept { return process_.steps(); }
  at::Device device() const { return process_.device(); }
  at::ScalarType type() const { return process_.type(); }

 private:
  TrainingPair flowPairAt(const at::Tensor& x0, const at::Tensor& eps, const TimestepDraw& draw) const;
  at::Tensor weightOf(const TimestepDraw& draw) const;

  ForwardProcess process_;
  Target target_ = Target::Eps;
  at::Tensor weights_;  ///< of each t [T], on the CPU, double; undefined = all 1
};

}  // namespace dw::diffusion
