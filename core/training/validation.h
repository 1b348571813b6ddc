// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "training/train_step.h"

namespace dw::training {

/// Mean losses over fixed questions.
struct ValidationResult {
  double loss = 0.0;                                  ///< over all questions
  std::array<float, TimestepBins::kCount> byBin{};    ///< over those of each bin of t; NaN where a bin has none
};

/// The validation loss: samples that are never trained on, each always asked at the same timestep with the same noise, so
/// that two values differ only by what the weights have learnt. Question i lies in bin i % 20 of t, so every part of the
/// schedule weighs the same. Timesteps and noise are the same in every run, whatever its seed: curves may be compared.
class Validation {
 public:
  /// questions: x0 [N, C, H, W] with labels and context where the model takes them; kept. batch: how many at once.
  Validation(MicroBatch questions, std::int64_t batch);

  /// Asks them all. Empty if goOn() said false in between.
  std::optional<ValidationResult> run(const TrainStep& trainStep, const std::function<bool()>& goOn) const;

  std::int64_t size() const { return questions_.x0.size(0); }

 private:
  MicroBatch questions_;
  std::int64_t batch_;
};

/// Timesteps of questions first .. first + count - 1 of 0..steps-1, int64: question i lies in bin i % 20, anywhere in it. Where
/// there are fewer timesteps than bins some bins stay empty.
at::Tensor validationTimesteps(std::int64_t first, std::int64_t count, std::int64_t steps);

}  // namespace dw::training
