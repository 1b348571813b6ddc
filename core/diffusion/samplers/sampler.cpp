// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/samplers/sampler.h"

#include <cmath>
#include <utility>

namespace dw::diffusion {

Sampler::Sampler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule)
    : settings_(settings), trainSteps_(schedule.steps()) {}

void Sampler::setPath(std::vector<double> timesteps, std::vector<Level> levels) {
  timesteps_ = std::move(timesteps);
  levels_ = std::move(levels);
  TORCH_CHECK(levels_.size() == timesteps_.size() + 1, "a sampler needs a level for each step and one for the end");
}

at::Tensor Sampler::modelInput(const at::Tensor& x, std::int64_t i) const {
  const double factor = inputFactor(settings_.target, level(i));
  return factor == 1.0 ? x : x * factor;
}

double Sampler::modelTime(std::int64_t i) const {
  const auto& l = level(i);
  if (settings_.target == Target::Flow) return l.noise / (l.signal + l.noise);
  return timesteps_.at(static_cast<std::size_t>(i)) / static_cast<double>(trainSteps_);
}

Pair Sampler::parts(std::int64_t i, const at::Tensor& x, const at::Tensor& output) const {
  Pair pair = partsOf(settings_.target, x, output, level(i));
  if (settings_.clip > 0.0) pair.x0 = pair.x0.clamp(-settings_.clip, settings_.clip);
  return pair;
}

}  // namespace dw::diffusion
