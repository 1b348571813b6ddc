// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "diffusion/predictor.h"

namespace dw::training {

/// A batch of the size that will be trained on; what is in it does not matter.
struct TrialBatch {
  at::Tensor x;     ///< [B, C, H, W]
  at::Tensor time;  ///< [B]
  diffusion::Condition condition;
};

/// The number of threads with which a forward and a backward pass of the batch take the least time. Nothing is learnt from it, but
/// gradients are left behind, and LibTorch's number of threads.
int measureThreads(const diffusion::Predictor& predict, const TrialBatch& batch);

}  // namespace dw::training
