// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <span>

#include "config/choices.h"
#include "diffusion/loss_history.h"

namespace dw::diffusion {

/// count timesteps, uniform over the integers 0..steps-1 (DDPM, algorithm 1): int64 [count] on the CPU.
at::Tensor uniformTimesteps(std::int64_t count, std::int64_t steps, at::Generator generator);

/// Timesteps of one micro-batch, on the CPU.
struct TimestepDraw {
  at::Tensor t;         ///< int64 [B], 0..T-1; on a continuous path where `time` lies
  at::Tensor time{};    ///< double [B] in (0, 1), on a continuous path only
  at::Tensor weight{};  ///< double [B]: what the losses count, so that their mean stays unbiased; undefined = all 1
};

/// Chooses which timesteps are trained on.
class TimestepSampler {
 public:
  struct Settings {
    config::TimestepKind kind = config::TimestepKind::Uniform;
    std::int64_t steps = 1000;  ///< T
    bool continuous = false;    ///< times between the whole timesteps too
    double shift = 1.0;         ///< continuous: moves times towards noise
  };
  explicit TimestepSampler(const Settings& settings);

  TimestepDraw draw(std::int64_t count, at::Generator generator) const;

  /// Takes in what was measured: importance draws from it from then on.
  void learn(std::span<const std::int64_t> t, std::span<const double> losses);
  /// The measured losses, part of a checkpoint: only importance has any.
  const std::optional<LossHistory>& history() const { return history_; }
  void setHistory(LossHistory history) { history_ = std::move(history); }

 private:
  TimestepDraw important(std::int64_t count, at::Generator& generator) const;

  Settings settings_;
  std::optional<LossHistory> history_;
};

}  // namespace dw::diffusion
