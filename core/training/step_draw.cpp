// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/step_draw.h"

#include <ATen/CPUGeneratorImpl.h>

#include <string_view>

#include "base/random.h"

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

StepDraw drawStep(const StreamPosition& position, at::IntArrayRef sampleShape,
                  const diffusion::TimestepSampler& timesteps, at::ScalarType type) {
  auto drawn = timesteps.draw(sampleShape.at(0), generatorFor(position, "timestep"));
  return {.t = std::move(drawn.t),
          .eps = at::randn(sampleShape, generatorFor(position, "noise"), type),
          .time = std::move(drawn.time),
          .weight = std::move(drawn.weight)};
}

at::Tensor drawHidden(const StreamPosition& position, const char* stream, std::int64_t count, double share) {
  return at::rand({count}, generatorFor(position, stream), at::kDouble).lt(share);
}

}  // namespace dw::training
