// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/timestep_sampler.h"

#include <utility>

#include "diffusion/flow_matching.h"

namespace dw::diffusion {
namespace {

using Kind = config::TimestepKind;

at::Tensor uniformShares(std::int64_t count, at::Generator& generator) {
  return at::rand({count}, generator, at::kDouble);
}

at::Tensor timestepsAt(const at::Tensor& shares, std::int64_t steps) {
  return (shares * static_cast<double>(steps)).floor_().clamp_(0, static_cast<double>(steps - 1)).to(at::kLong);
}

}  // namespace

at::Tensor uniformTimesteps(std::int64_t count, std::int64_t steps, at::Generator generator) {
  return at::randint(0, steps, {count}, std::move(generator), at::kLong);
}

TimestepSampler::TimestepSampler(const Settings& settings) : settings_(settings) {
  if (settings.kind == Kind::Importance) history_.emplace(settings.steps);
}

TimestepDraw TimestepSampler::draw(std::int64_t count, at::Generator generator) const {
  if (settings_.kind == Kind::Uniform && !settings_.continuous) {
    return {.t = uniformTimesteps(count, settings_.steps, std::move(generator))};
  }
  TimestepDraw drawn;
  at::Tensor shares;
  switch (settings_.kind) {
    case Kind::Uniform: shares = uniformShares(count, generator); break;
    case Kind::LogitNormal: shares = logitNormalTime(at::randn({count}, generator, at::kDouble)); break;
    case Kind::Importance:
      drawn = important(count, generator);
      shares = drawn.time;
      break;
  }
  drawn.time = settings_.continuous ? shiftedTime(shares, settings_.shift) : at::Tensor();
  drawn.t = timestepsAt(settings_.continuous ? drawn.time : shares, settings_.steps);
  return drawn;
}

/// A bin by its chance, then anywhere in it; `time` holds the share before it is shifted.
TimestepDraw TimestepSampler::important(std::int64_t count, at::Generator& generator) const {
  const auto chances = history_->chances();
  const auto bins = static_cast<std::int64_t>(chances.size());
  const at::Tensor table = at::tensor(chances, at::kDouble);
  const at::Tensor bin = at::multinomial(table, count, /*replacement=*/true, generator);
  return {.t = {},
          .time = (bin.to(at::kDouble) + uniformShares(count, generator)).div_(static_cast<double>(bins)),
          .weight = (table.index_select(0, bin) * static_cast<double>(bins)).reciprocal_()};
}

void TimestepSampler::learn(std::span<const std::int64_t> t, std::span<const double> losses) {
  if (!history_) return;
  for (std::size_t i = 0; i < t.size(); ++i) {
    // Where t came from a shifted time, the bin is that of the time before the shift.
    double share = (static_cast<double>(t[i]) + 0.5) / static_cast<double>(settings_.steps);
    if (settings_.continuous) share = shiftedTime(share, 1.0 / settings_.shift);
    history_->add(share, losses[i]);
  }
}

}  // namespace dw::diffusion
