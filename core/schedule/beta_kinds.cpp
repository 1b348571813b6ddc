// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/beta_kinds.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "schedule/custom_curve.h"
#include "schedule/float32_sigmoid.h"

namespace dw::schedule {
namespace {

template <typename Formula>
std::vector<double> fill(std::int64_t steps, Formula formula) {
  std::vector<double> betas(static_cast<std::size_t>(steps));
  for (std::int64_t t = 0; t < steps; ++t) betas[static_cast<std::size_t>(t)] = formula(static_cast<double>(t));
  return betas;
}

/// count numbers from first to last, both included; a single one is first.
double spaced(double first, double last, double index, std::int64_t count) {
  return count < 2 ? first : first + (last - first) * index / static_cast<double>(count - 1);
}

/// beta_t = betaMin + (betaMax - betaMin) t / T with t = 0..T-1: the lecture's formula. beta_{T-1} stays below betaMax.
std::vector<double> linearTOverT(std::int64_t steps, double betaMin, double betaMax) {
  return fill(steps, [=](double t) { return betaMin + (betaMax - betaMin) * (t / static_cast<double>(steps)); });
}

/// The same formula read with t = 1..T: the last beta is betaMax, the first above betaMin.
std::vector<double> linearT1OverT(std::int64_t steps, double betaMin, double betaMax) {
  return fill(steps,
              [=](double t) { return betaMin + (betaMax - betaMin) * ((t + 1.0) / static_cast<double>(steps)); });
}

/// T evenly spaced betas from betaMin to betaMax (DDPM, section 4).
std::vector<double> linear(std::int64_t steps, double betaMin, double betaMax) {
  return fill(steps, [=](double t) { return spaced(betaMin, betaMax, t, steps); });
}

/// Squares of evenly spaced square roots (latent diffusion, Rombach et al. 2022, as released).
std::vector<double> scaledLinear(std::int64_t steps, double betaMin, double betaMax) {
  return fill(steps, [=](double t) {
    const double root = spaced(std::sqrt(betaMin), std::sqrt(betaMax), t, steps);
    return root * root;
  });
}

/// alphaBar(u) = cos^2((u + 0.008) / 1.008 * pi/2), beta_t = min(0.999, 1 - alphaBar((t+1)/T) / alphaBar(t/T))
/// (Nichol, Dhariwal, "Improved Denoising Diffusion Probabilistic Models", 2021, eq. 17).
std::vector<double> squaredCosine(std::int64_t steps, double, double) {
  const auto alphaBar = [](double u) {
    const double c = std::cos((u + 0.008) / 1.008 * std::numbers::pi / 2.0);
    return c * c;
  };
  const auto total = static_cast<double>(steps);
  return fill(steps,
              [&](double t) { return std::min(0.999, 1.0 - alphaBar((t + 1.0) / total) / alphaBar(t / total)); });
}

/// betaMin + (betaMax - betaMin) * logistic(s), s evenly spaced in [-6, 6] (GeoDiff, Xu et al. 2022), in float32 as
/// released (float32_sigmoid.h).
std::vector<double> sigmoid(std::int64_t steps, double betaMin, double betaMax) {
  const auto range = static_cast<float>(betaMax - betaMin);
  return fill(steps, [=](double t) {
    const float part = float32SigmoidRamp(static_cast<std::int64_t>(t), steps) * range;
    return static_cast<double>(part + static_cast<float>(betaMin));
  });
}

template <auto formula>
std::vector<double> ranged(const config::ScheduleSettings& s) {
  return formula(s.steps, s.betaMin, s.betaMax);
}

std::vector<double> betasOf(const std::vector<double>& alphaBar) {
  std::vector<double> betas;
  double previous = 1.0;
  for (const double value : alphaBar) {
    // after pure noise nothing is left to keep
    betas.push_back(previous > 0.0 ? std::max(1.0 - value / previous, 0.0) : 1.0);
    previous = value;
  }
  return betas;
}

std::vector<double> custom(const config::ScheduleSettings& s) {
  return betasOf(customAlphaBar(parseCurve(s.points), s.steps));
}

/// The straight path x = (1 - time) x_0 + time eps at unit variance: alphaBar = (1 - time)^2 / ((1 - time)^2 + time^2), with
/// time = (t + 1) / T moved by shift. The last one is pure noise.
std::vector<double> flow(const config::ScheduleSettings& s) {
  std::vector<double> alphaBar;
  for (std::int64_t t = 0; t < s.steps; ++t) {
    const double even = static_cast<double>(t + 1) / static_cast<double>(s.steps);
    const double time = s.shift * even / (1.0 + (s.shift - 1.0) * even), kept = (1.0 - time) * (1.0 - time);
    alphaBar.push_back(kept / (kept + time * time));
  }
  return betasOf(alphaBar);
}

}  // namespace

BetaKind betaKind(config::ScheduleKind kind) {
  using Kind = config::ScheduleKind;
  switch (kind) {
    case Kind::LinearTOverT: return {.betas = ranged<linearTOverT>};
    case Kind::LinearT1OverT: return {.betas = ranged<linearT1OverT>};
    case Kind::Linear: return {.betas = ranged<linear>};
    case Kind::ScaledLinear: return {.betas = ranged<scaledLinear>};
    case Kind::SquaredCosine: return {.betas = ranged<squaredCosine>, .usesRange = false};
    case Kind::Sigmoid: return {.betas = ranged<sigmoid>, .noisesInFloat32 = true};
    case Kind::LinearZeroSnr: return {.betas = ranged<linear>, .zeroTerminalSnr = true};
    case Kind::ScaledLinearZeroSnr: return {.betas = ranged<scaledLinear>, .zeroTerminalSnr = true};
    case Kind::Flow: return {.betas = flow, .usesRange = false, .usesShift = true};
    case Kind::Custom: return {.betas = custom, .usesRange = false, .usesPoints = true};
  }
  config::throwNoSuchChoice();
}

}  // namespace dw::schedule
