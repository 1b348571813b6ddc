// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "diffusion/objective.h"
#include "diffusion/predictor.h"
#include "training/ema.h"
#include "training/named_tensors.h"
#include "training/optimizer.h"
#include "training/phase_clock.h"
#include "training/step_draw.h"
#include "training/timestep_bins.h"

namespace dw::training {

/// Samples of one forward and backward pass. x0: [B, C, H, W] of any type and device; it is only read, so it may wrap
/// the prefetcher's buffer.
struct MicroBatch {
  at::Tensor x0;
  at::Tensor labels;     ///< int64 [B], or undefined
  at::Tensor context{};  ///< [B, L, D], or undefined
};

/// What may change between updates (see config::LiveSettings).
struct StepSettings {
  UpdateSettings update;
  double clipNorm = 0.0;     ///< 0 = never clipped
  double emaDecay = 0.0;     ///< used only if there is an Ema
  std::int64_t skipped = 0;  ///< batches left out before this one: they count as steps, but not as updates
};

/// What one update leaves behind.
struct StepResult {
  double loss = 0.0;
  double gradNorm = 0.0;  ///< global L2 norm before clipping
  std::int64_t samples = 0;
  double updateRatio = 0.0;  ///< of every tenth update (update_ratio.h); 0 = not measured
  TimestepBins bins;
  std::vector<std::int64_t> timesteps;  ///< of each sample, in the order of the micro-batches
  std::vector<double> losses;           ///< of each sample, without its weight
  double forwardMs = 0.0;               ///< draws, x_t, prediction, loss
  double backwardMs = 0.0;
  double optimizerMs = 0.0;  ///< norm, reading loss and norm, clipping, update, EMA
};

/// One optimizer update, from samples to averaged weights: DDPM, algorithm 1, or what the objective makes of it.
///
///   TrainStep trainStep({.objective = objective, .predictor = predict, .parameters = namedParameters(*model),
///                        .optimizer = &optimizer, .ema = &ema, .runSeed = 7});
///   StepResult result = trainStep.run({&batch, 1}, step, settings);
class TrainStep {
 public:
  struct Parts {
    diffusion::Objective objective;
    diffusion::Predictor predictor;
    NamedTensors parameters;
    Optimizer* optimizer = nullptr;  ///< not owned
    Ema* ema = nullptr;              ///< not owned; null = no average
    std::uint64_t runSeed = 0;
    /// not owned; null = uniform over the whole ones. It learns the losses
    diffusion::TimestepSampler* timesteps = nullptr;
    double labelDropout = 0.0;    ///< share of samples whose label becomes -1, not told
    double contextDropout = 0.0;  ///< share of samples whose context becomes zeros
  };

  explicit TrainStep(Parts parts);

  /// step: number of the batch, from 0: updates done before this one, and batches left out. Several micro-batches count as one batch of all their samples.
  /// Throws Error NotFinite, naming the update and the first bad tensor, if loss or gradient norm is not finite; parameters,
  /// optimizer state and average are then exactly as before.
  StepResult run(std::span<const MicroBatch> microBatches, std::int64_t step, const StepSettings& settings);

  /// After run() threw: it broke off while parameters were being changed, so they are neither old nor new.
  bool partialUpdate() const noexcept { return updating_; }
  /// After run() threw NotFinite: the first tensor that is not finite; empty if none is.
  const std::string& firstBad() const noexcept { return firstBad_; }
  /// Loss of each sample [B] at the given timesteps and noise, with the weights as they are; nothing is learnt and no
  /// randomness of training is used up.
  at::Tensor lossesAt(const MicroBatch& batch, const StepDraw& draw) const;

  std::int64_t timesteps() const noexcept { return parts_.objective.steps(); }

 private:
  struct Pass;
  diffusion::Condition conditionOf(const MicroBatch& batch, const StreamPosition* training) const;
  Pass forwardAt(const MicroBatch& batch, const StepDraw& draw, const StreamPosition* training) const;
  Pass forward(const MicroBatch& batch, std::int64_t step, std::int64_t microBatch) const;
  void readBack(const std::vector<Pass>& passes, const at::Tensor& norm, StepResult& result) const;
  [[noreturn]] void failNotFinite(std::span<const MicroBatch> batches, std::int64_t update, const StepResult& result);
  std::vector<at::Tensor> gradients() const;

  Parts parts_;
  PhaseClock clock_;
  bool updating_ = false;
  std::string firstBad_;
};

}  // namespace dw::training
