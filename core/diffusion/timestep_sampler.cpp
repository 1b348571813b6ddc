// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/timestep_sampler.h"

#include <utility>

namespace dw::diffusion {

at::Tensor uniformTimesteps(std::int64_t count, std::int64_t steps, at::Generator generator) {
  return at::randint(0, steps, {count}, std::move(generator), at::kLong);
}

}  // namespace dw::diffusion
