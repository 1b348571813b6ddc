// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"
#include "config/recipe.h"

namespace dw::schedule {

/// Largest number of diffusion steps T that a schedule may have.
inline constexpr std::int64_t kMaxSteps = 1'000'000;

/// Every table of a discrete diffusion process, index t = 0..T-1, all in float64: near t = 0 and t = T-1 the differences
/// 1 - alphaBar and the ratios below lose most of their digits in float32.
/// Names: Ho, Jain, Abbeel, "Denoising Diffusion Probabilistic Models", 2020 (DDPM); sigmaEdm: Karras et al. 2022 (EDM).
struct NoiseSchedule {
  std::vector<double> betas;                ///< variance of the noise added by step t
  std::vector<double> alphas;               ///< 1 - beta_t
  std::vector<double> alphaBar;             ///< product of alphas up to t (DDPM, below eq. 4)
  std::vector<double> forwardAlphaBar;      ///< alphaBar with which x_t is made; see forwardAlphaBarInFloat32()
  std::vector<double> sqrtAlphaBar;         ///< what is left of x_0 in x_t
  std::vector<double> sigma;                ///< sqrt(1 - alphaBar), share of noise in x_t
  std::vector<double> sigmaEdm;             ///< sigma / sqrtAlphaBar; infinite where alphaBar is 0
  std::vector<double> snr;                  ///< alphaBar / (1 - alphaBar)
  std::vector<double> posteriorVariance;    ///< variance of q(x_{t-1} | x_t, x_0), DDPM eq. 7
  std::vector<double> posteriorMeanCoefX0;  ///< coefficient of x_0 in its mean, DDPM eq. 7
  std::vector<double> posteriorMeanCoefXt;  ///< coefficient of x_t in its mean, DDPM eq. 7

  std::int64_t steps() const { return static_cast<std::int64_t>(betas.size()); }
};

/// What makes the settings impossible: T outside 1..10^6, betas outside (0, 1), an impossible curve or shift.
Problems validate(const config::ScheduleSettings& settings);

/// The schedule that the settings describe. Throws Error Usage with the first problem of validate().
NoiseSchedule makeNoiseSchedule(const config::ScheduleSettings& settings);

/// All tables from betas, each in (0, 1]. Empty betas give empty tables.
NoiseSchedule tablesFromBetas(std::vector<double> betas);

/// The product of alphas as PyTorch keeps it in a float32 schedule: factors rounded to float32, multiplied in float64, each
/// result rounded to float32. Only the kind sigmoid is released that way, and models trained with it saw x_t made from these
/// numbers; they differ from alphaBar in the seventh digit.
std::vector<double> forwardAlphaBarInFloat32(const std::vector<double>& betas);

/// Shifts and stretches sqrt(alphaBar) so that its last value is 0 and its first stays (Lin et al., "Common Diffusion
/// Noise Schedules and Sample Steps are Flawed", 2023, algorithm 1). The last beta becomes 1. At least two betas.
std::vector<double> rescaleToZeroTerminalSnr(const std::vector<double>& betas);

/// True when x_{T-1} holds nothing of x_0: predicting epsilon there says nothing about x_0, so that target is refused.
bool endsAtPureNoise(const NoiseSchedule& schedule);

}  // namespace dw::schedule
