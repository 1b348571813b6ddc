// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/step_draw.h"

#include <ATen/CPUGeneratorImpl.h>

#include <string_view>

#include "base/random.h"
#include "diffusion/timestep_sampler.h"

namespace dw::training {
namespace {

at::Generator generatorFor(const StreamPosition& p, std::string_view stream) {
  return at::make_generator<at::CPUGeneratorImpl>(
      streamSeed(p.runSeed, stream, static_cast<std::uint64_t>(p.step), static_cast<std::uint64_t>(p.microBatch)));
}

}  // namespace

StepDraw drawStep(const StreamPosition& position, at::IntArrayRef sampleShape, std::int64_t timesteps,
                  at::ScalarType type) {
  return {.t = diffusion::uniformTimesteps(sampleShape.at(0), timesteps, generatorFor(position, "timestep")),
          .eps = at::randn(sampleShape, generatorFor(position, "noise"), type)};
}

}  // namespace dw::training
