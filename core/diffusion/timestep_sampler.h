// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace dw::diffusion {

/// count timesteps, uniform over the integers 0..steps-1 (DDPM, algorithm 1): int64 [count] on the CPU.
at::Tensor uniformTimesteps(std::int64_t count, std::int64_t steps, at::Generator generator);

}  // namespace dw::diffusion
