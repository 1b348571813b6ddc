// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/objective.h"

#include <vector>

#include "base/error.h"
#include "config/field_text.h"
#include "diffusion/flow_matching.h"
#include "diffusion/loss_weight.h"

namespace dw::diffusion {
namespace {

[[noreturn]] void refuseWeight(const config::DiffusionSettings& settings) {
  throw Error(ErrorKind::Usage,
              "diffusion.loss_weight: " + config::toText(settings.lossWeight) + " does not go with the target " +
                  config::toText(settings.target),
              "use none");
}

std::vector<double> minSnr(const std::vector<double>& snr, const config::DiffusionSettings& settings) {
  switch (settings.target) {
    case Target::Eps: return minSnrEpsilon(snr, settings.gamma);
    case Target::X0: return minSnrX0(snr, settings.gamma);
    case Target::V: return minSnrVelocity(snr, settings.gamma);
    case Target::Flow: break;
  }
  refuseWeight(settings);
}

/// The weight of each t; empty = all 1.
std::vector<double> weightTable(const std::vector<double>& snr, const config::DiffusionSettings& settings) {
  switch (settings.lossWeight) {
    case config::LossWeight::None: return {};
    case config::LossWeight::MinSnr: return minSnr(snr, settings);
    case config::LossWeight::Debiased:
      if (settings.target != Target::Eps) refuseWeight(settings);
      return debiasedEpsilon(snr);
  }
  config::throwNoSuchChoice();
}

}  // namespace

Objective::Objective(const schedule::NoiseSchedule& schedule, const config::DiffusionSettings& settings,
                     at::Device device, at::ScalarType type)
    : process_(schedule, device, type), target_(settings.target) {
  if (target_ == Target::Eps && schedule::endsAtPureNoise(schedule)) {
    throw Error(ErrorKind::Usage,
                "diffusion.target: the schedule ends at pure noise, where predicting the noise teaches nothing",
                "use v, or a schedule that keeps a little of the picture");
  }
  if (const auto weights = weightTable(schedule.snr, settings); !weights.empty())
    weights_ = at::tensor(weights, at::kDouble);
}

TrainingPair Objective::pairAt(const at::Tensor& x0, const at::Tensor& eps, const TimestepDraw& draw) const {
  if (target_ == Target::Flow) return flowPairAt(x0, eps, draw);
  const at::Tensor t = draw.t.to(device());  // once: to a GPU each copy waits
  TrainingPair pair{
      .xT = process_.sample(x0, eps, t), .time = process_.modelTime(t), .target = eps, .weight = weightOf(draw)};
  if (target_ == Target::X0) pair.target = x0;
  if (target_ == Target::V) pair.target = process_.velocity(x0, eps, t);
  return pair;
}

TrainingPair Objective::flowPairAt(const at::Tensor& x0, const at::Tensor& eps, const TimestepDraw& draw) const {
  // Whole timesteps alone (validation) stand for the middle of their part of the path.
  at::Tensor time = draw.time;
  if (!time.defined()) time = draw.t.to(at::kDouble).add_(0.5).div_(static_cast<double>(steps()));
  time = time.to(device(), type());
  auto [xT, speed] = flowPair(x0, eps, time);
  return {.xT = xT, .time = time, .target = speed, .weight = weightOf(draw)};
}

at::Tensor Objective::weightOf(const TimestepDraw& draw) const {
  at::Tensor weight = draw.weight;
  if (weights_.defined()) {
    const at::Tensor own = weights_.index_select(0, draw.t.cpu());
    weight = weight.defined() ? weight * own : own;
  }
  return weight.defined() ? weight.to(device(), type()) : weight;
}

}  // namespace dw::diffusion
