// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/problem.h"
#include "diffusion/prediction_target.h"
#include "diffusion/samplers/spacing.h"
#include "schedule/noise_schedule.h"

namespace dw::diffusion {

struct SamplerSettings {
  config::SamplerKind kind = config::SamplerKind::Ddim;
  std::int64_t steps = 50;  ///< calls of the model
  Spacing spacing = Spacing::Trailing;
  Target target = Target::Eps;  ///< what the model predicts
  double eta = 0.0;             ///< DDIM: share of fresh noise, 0 = none, 1 = as much as DDPM
  double clip = 0.0;            ///< x0-hat is kept within +-clip; 0 = free
  bool karras = false;          ///< Euler and DPM-Solver++: sigmas spaced as EDM does
  double shift = 1.0;           ///< flow: above 1, more steps go to the noisy end (Esser et al. 2024)
  std::int64_t offset = 0;      ///< added to the timesteps of leading
  bool finalAlphaOne = true;    ///< DDIM: the last step ends at x0-hat; else at the noise of t = 0
  bool largeVariance = false;   ///< DDPM: beta_t instead of the posterior's variance
  int order = 2;                ///< DPM-Solver++: 1 or 2
};

/// Standard normal noise for one step, [B, C, H, W]; asked for only by steps that add noise.
using StepNoise = std::function<at::Tensor(std::int64_t step)>;

/// One trajectory from noise to data. Deterministic but for the noise it is handed; keeps what multistep solvers remember,
/// so one object samples one batch once. Works in the type of the x it is given, with coefficients in float64.
class Sampler {
 public:
  struct Step {
    at::Tensor x;   ///< after the step, in this sampler's scale
    at::Tensor x0;  ///< the sample as the model sees it from here
  };

  virtual ~Sampler() = default;

  std::int64_t steps() const { return static_cast<std::int64_t>(timesteps_.size()); }
  /// Where each step begins, falling, in units of the schedule's T; fractional for some.
  const std::vector<double>& timesteps() const { return timesteps_; }
  /// Noise-to-signal ratio before each step and after the last, where a sampler thinks in them; else empty.
  const std::vector<double>& sigmas() const { return sigmas_; }
  /// Factor of standard normal noise at the start.
  double initialScale() const { return initialScale_; }

  /// What the model is given before step i; i == steps(): the final x. Of unit variance, so also what can be shown.
  at::Tensor modelInput(const at::Tensor& x, std::int64_t i) const;
  /// The model's time input before step i, in [0, 1].
  double modelTime(std::int64_t i) const;

  /// x before step i and the model's output for it. Steps are made in order, each once.
  virtual Step step(std::int64_t i, const at::Tensor& x, const at::Tensor& output, const StepNoise& noise) = 0;

 protected:
  Sampler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule);
  /// levels: one for each step and one for the end.
  void setPath(std::vector<double> timesteps, std::vector<Level> levels);
  Pair parts(std::int64_t i, const at::Tensor& x, const at::Tensor& output) const;
  const Level& level(std::int64_t i) const { return levels_.at(static_cast<std::size_t>(i)); }

  SamplerSettings settings_;
  std::int64_t trainSteps_ = 0;  ///< T
  std::vector<double> timesteps_, sigmas_;
  std::vector<Level> levels_;
  double initialScale_ = 1.0;
};

/// A sampler that can be chosen, and what it makes use of.
struct SamplerFacts {
  std::unique_ptr<Sampler> (*make)(const SamplerSettings&, const schedule::NoiseSchedule&);
  bool usesEta = false;
  bool usesKarras = false;
  bool usesShift = false;
  bool spaced = true;      ///< its timesteps can be leading; flow's cannot
  std::int64_t spare = 0;  ///< it makes at most T - spare steps with leading spacing
};

SamplerFacts samplerFacts(config::SamplerKind kind);

/// What makes the settings impossible, at "sampler", "steps", "spacing", "eta", "shift".
Problems validate(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule);

/// Throws Error Usage with the first problem of validate().
std::unique_ptr<Sampler> makeSampler(const SamplerSettings& settings, const schedule::NoiseSchedule& schedule);

}  // namespace dw::diffusion
