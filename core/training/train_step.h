// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

#include "diffusion/forward_process.h"
#include "diffusion/prediction.h"
#include "training/ema.h"
#include "training/named_tensors.h"
#include "training/optimizer.h"
#include "training/timestep_bins.h"

namespace dw::training {

/// Samples of one forward and backward pass. x0: [B, C, H, W] of any type and device; it is only read, so it may wrap
/// the prefetcher's buffer.
struct MicroBatch {
  at::Tensor x0;
  at::Tensor labels;  ///< int64 [B], or undefined
  at::Tensor context{};  ///< [B, L, D], or undefined
};

/// What may change between updates (see config::LiveSettings).
struct StepSettings {
  UpdateSettings update;
  double clipNorm = 0.0;  ///< 0 = never clipped
  double emaDecay = 0.0;  ///< used only if there is an Ema
};

/// What one update leaves behind.
struct StepResult {
  double loss = 0.0;
  double gradNorm = 0.0;  ///< global L2 norm before clipping
  std::int64_t samples = 0;
  TimestepBins bins;
  double forwardMs = 0.0;    ///< draws, x_t, prediction, loss
  double backwardMs = 0.0;
  double optimizerMs = 0.0;  ///< norm, reading loss and norm, clipping, update, EMA
};

/// One optimizer update of epsilon prediction (DDPM, algorithm 1), from samples to averaged weights.
///
///   TrainStep trainStep({.process = process, .prediction = predict, .parameters = namedParameters(*model),
///                        .optimizer = &optimizer, .ema = &ema, .runSeed = 7});
///   StepResult result = trainStep.run({&batch, 1}, step, settings);
class TrainStep {
 public:
  struct Parts {
    diffusion::ForwardProcess process;
    diffusion::Prediction prediction;
    NamedTensors parameters;
    Optimizer* optimizer = nullptr;  ///< not owned
    Ema* ema = nullptr;              ///< not owned; null = no average
    std::uint64_t runSeed = 0;
  };

  explicit TrainStep(Parts parts);

  /// step: updates done before this one. Several micro-batches count as one batch of all their samples.
  /// Throws Error NotFinite, naming step and first bad tensor, if loss or gradient norm is not finite; parameters,
  /// optimizer state and average are then exactly as before.
  StepResult run(std::span<const MicroBatch> microBatches, std::int64_t step, const StepSettings& settings);

 private:
  struct Pass;
  Pass forward(const MicroBatch& batch, std::int64_t step, std::int64_t microBatch) const;
  void readBack(const std::vector<Pass>& passes, const at::Tensor& norm, StepResult& result) const;
  [[noreturn]] void failNotFinite(std::span<const MicroBatch> batches, std::int64_t step, const StepResult& result) const;
  std::vector<at::Tensor> gradients() const;

  Parts parts_;
};

}  // namespace dw::training
