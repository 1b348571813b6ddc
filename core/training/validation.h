// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "training/train_step.h"

namespace dw::training {

/// Mean losses over fixed training pairs.
struct ValidationResult {
  double loss = 0.0;                                ///< over all pairs
  std::array<float, TimestepBins::kCount> byBin{};  ///< over those of each bin of t; NaN where a bin has none
};

/// The validation loss over fixed training pairs: samples that are never trained on, each always at the same timestep with
/// the same noise, so that two values differ only by what the weights have learnt. Pair i lies in bin i % 20 of t, so every
/// part of the schedule weighs the same. Timesteps and noise are the same in every run, whatever its seed: curves may be compared.
class Validation {
 public:
  /// samples: x0 [N, C, H, W] with labels and context where the model takes them; kept. batch: how many at once.
  Validation(MicroBatch samples, std::int64_t batch);

  /// Measures them all. Empty if shouldContinue() said false in between.
  std::optional<ValidationResult> run(const TrainStep& trainStep, const std::function<bool()>& shouldContinue) const;

  std::int64_t size() const { return samples_.x0.size(0); }

 private:
  MicroBatch samples_;
  std::int64_t batch_;
};

/// Timesteps of pairs first .. first + count - 1 of 0..steps-1, int64: pair i lies in bin i % 20, anywhere in it. Where
/// there are fewer timesteps than bins some bins stay empty.
at::Tensor validationTimesteps(std::int64_t first, std::int64_t count, std::int64_t steps);

}  // namespace dw::training
