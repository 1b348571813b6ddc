// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <string>

#include "config/choices.h"

namespace dw::training {

/// The device (of GPUs the first), ready for use. The program links only LibTorch's CPU part:
/// the CUDA part is opened here, which must happen before anything else asks LibTorch about CUDA.
/// Throws Error Usage with a sentence and remedy if there is no CUDA part, or no GPU.
at::Device openDevice(config::Device device);

/// Why "cuda" cannot be used; reason is empty if it can.
struct NoCuda {
  std::string reason, remedy;
};
const NoCuda& noCuda();
std::string whyNoCuda();  ///< the reason alone

}  // namespace dw::training
