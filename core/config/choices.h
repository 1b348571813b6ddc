// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "config/choice.h"

// Everything that is chosen by name: one enum and one table each. JSON, --set, forms, menus and help texts read the tables;
// what makes or computes the thing switches over the enum without a default, so that the compiler names what is missing.

namespace dw::config {

enum class OptimizerKind : std::uint8_t { Adam, AdamW, Sgd };
template <>
inline constexpr auto kChoices<OptimizerKind> = std::to_array<Choice<OptimizerKind>>({
    {OptimizerKind::Adam, "adam", "Adam",
     "Scales each number by its own history, so that one learning rate suits all weights."},
    {OptimizerKind::AdamW, "adamw", "AdamW", "Adam with a weight decay that does not depend on the gradient."},
    {OptimizerKind::Sgd, "sgd", "SGD", "The gradient itself, with momentum; it needs a rate found with care."},
});

/// Numbers that it keeps for each weight: Adam's two means, SGD's momentum.
inline int momentsOf(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::Adam:
    case OptimizerKind::AdamW: return 2;
    case OptimizerKind::Sgd: return 1;
  }
  throwNoSuchChoice();
}

enum class LrKind : std::uint8_t { Constant, Linear, Cosine, CosineRestarts, OneCycle, Polynomial };
template <>
inline constexpr auto kChoices<LrKind> = std::to_array<Choice<LrKind>>({
    {LrKind::Constant, "constant", "constant", "The rate stays as it is after warm-up."},
    {LrKind::Linear, "linear", "linear", "A straight line from the peak to the end."},
    {LrKind::Cosine, "cosine", "cosine",
     "Half a cosine from the peak to the end: long near the peak, then gently out."},
    {LrKind::CosineRestarts, "cosine_restarts", "cosine with restarts",
     "Four half cosines, each beginning at the peak again: a way out of poor valleys."},
    {LrKind::OneCycle, "one_cycle", "one cycle", "Rises for a third of the run, then falls far below where it began."},
    {LrKind::Polynomial, "polynomial", "polynomial", "Falls like a power of what is left of the run, to a small rate."},
});

enum class ScheduleKind : std::uint8_t {
  LinearTOverT,
  LinearT1OverT,
  Linear,
  ScaledLinear,
  SquaredCosine,
  Sigmoid,
  LinearZeroSnr,
  ScaledLinearZeroSnr,
  Flow,
  Custom
};
template <>
inline constexpr auto kChoices<ScheduleKind> = std::to_array<Choice<ScheduleKind>>({
    {ScheduleKind::LinearTOverT, "linear_t_over_T", "linear, t/T",
     "The lecture's formula with t = 0 to T-1: the first beta is beta min, the last stays one step below beta max.",
     "seed_formula_t0"},
    {ScheduleKind::LinearT1OverT, "linear_t1_over_T", "linear, (t+1)/T",
     "The same formula with t = 1 to T: the last beta is beta max, the first lies one step above beta min.",
     "seed_formula_t1"},
    {ScheduleKind::Linear, "linear", "linear, both ends",
     "Evenly spaced betas from beta min to beta max, both included, as in DDPM.", "seed_linspace"},
    {ScheduleKind::ScaledLinear, "scaled_linear", "scaled linear",
     "Square roots of beta evenly spaced, as in latent diffusion: noise comes later."},
    {ScheduleKind::SquaredCosine, "squaredcos_cap_v2", "cosine",
     "Alpha-bar falls like a squared cosine: gentle at both ends, for small pictures."},
    {ScheduleKind::Sigmoid, "sigmoid", "sigmoid", "Betas rise in an S from beta min to beta max."},
    {ScheduleKind::LinearZeroSnr, "linear_zero_snr", "linear (zero SNR at the end)",
     "Linear, stretched to end at pure noise, where sampling begins; for the target v or x0."},
    {ScheduleKind::ScaledLinearZeroSnr, "scaled_linear_zero_snr", "scaled linear (zero SNR at the end)",
     "Scaled linear, stretched to end at pure noise; for the target v or x0."},
    {ScheduleKind::Flow, "flow", "flow", "The straight path from picture to noise, as noise levels."},
    {ScheduleKind::Custom, "custom", "custom", "A curve of your own through points of alpha-bar."},
});

/// Nothing of the picture is left at T, so the noise says nothing about it there. A custom curve may end so too: see its points.
inline bool endsAtPureNoise(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::LinearZeroSnr:
    case ScheduleKind::ScaledLinearZeroSnr:
    case ScheduleKind::Flow: return true;
    case ScheduleKind::LinearTOverT:
    case ScheduleKind::LinearT1OverT:
    case ScheduleKind::Linear:
    case ScheduleKind::ScaledLinear:
    case ScheduleKind::SquaredCosine:
    case ScheduleKind::Sigmoid:
    case ScheduleKind::Custom: return false;
  }
  throwNoSuchChoice();
}

/// What a model predicts about x = signal * x_0 + noise * eps.
enum class Target : std::uint8_t {
  Eps,   ///< the noise eps (DDPM, Ho et al. 2020)
  X0,    ///< the sample x_0
  V,     ///< v = signal * eps - noise * x_0 at unit variance (Salimans, Ho 2022)
  Flow,  ///< the speed of the straight path, eps - x_0 (Liu et al. 2023)
};
template <>
inline constexpr auto kChoices<Target> = std::to_array<Choice<Target>>({
    {Target::Eps, "eps", "noise (eps)", "The noise: the usual one, strong where little noise is."},
    {Target::X0, "x0", "picture (x0)", "The picture itself: for large patches and narrow models."},
    {Target::V, "v", "mixture (v)", "A mixture of both that is well-posed at every noise level, pure noise too."},
    {Target::Flow, "flow", "speed (flow)",
     "The speed along the straight path from picture to noise; it needs no noise schedule."},
});

enum class LossWeight : std::uint8_t { None, MinSnr, Debiased };
template <>
inline constexpr auto kChoices<LossWeight> = std::to_array<Choice<LossWeight>>({
    {LossWeight::None, "none", "none", "Every timestep counts the same."},
    {LossWeight::MinSnr, "min_snr", "min-SNR", "Keeps the nearly clean timesteps from drowning the others."},
    {LossWeight::Debiased, "debiased", "debiased", "Gives the noisy timesteps more say; for the target eps."},
});

enum class TimestepKind : std::uint8_t { Uniform, LogitNormal, Importance };
template <>
inline constexpr auto kChoices<TimestepKind> = std::to_array<Choice<TimestepKind>>({
    {TimestepKind::Uniform, "uniform", "uniform", "All timesteps alike."},
    {TimestepKind::LogitNormal, "logit_normal", "logit-normal",
     "The middle ones more often, where most is to be learned."},
    {TimestepKind::Importance, "importance", "importance",
     "Those with a large measured loss more often, weighed so that the mean stays the same."},
});

enum class SamplerKind : std::uint8_t { Ddim, Ddpm, DpmSolver, Euler, Unipc, Flow };
template <>
inline constexpr auto kChoices<SamplerKind> = std::to_array<Choice<SamplerKind>>({
    {SamplerKind::Ddim, "ddim", "DDIM",
     "Without noise on the way: the same noise gives the same picture, in few steps."},
    {SamplerKind::Ddpm, "ddpm", "DDPM", "Fresh noise at each step, as the paper samples; it wants many steps."},
    {SamplerKind::DpmSolver, "dpmpp2m", "DPM-Solver++ 2M",
     "Second order from two outputs: good pictures from some 20 steps."},
    {SamplerKind::Euler, "euler", "Euler", "The simplest solver of the noise-free path, in units of sigma."},
    {SamplerKind::Unipc, "unipc", "UniPC", "Predicts and corrects each step: for the fewest steps."},
    {SamplerKind::Flow, "flow", "straight path (flow)",
     "Euler along the straight path: for models of the target flow."},
});

/// What samples a model of that target unless one asks for another.
constexpr SamplerKind usualSampler(Target target) {
  return target == Target::Flow ? SamplerKind::Flow : SamplerKind::Ddim;
}

/// Which of the T training timesteps a sampler visits, from noise to data.
enum class Spacing : std::uint8_t { Trailing, Leading, Linspace };
template <>
inline constexpr auto kChoices<Spacing> = std::to_array<Choice<Spacing>>({
    {Spacing::Trailing, "trailing", "trailing", "Begins at the noisiest timestep, as it should (Lin et al. 2023)."},
    {Spacing::Leading, "leading", "leading", "Ends at the cleanest timestep."},
    {Spacing::Linspace, "linspace", "linspace", "Begins at the noisiest and ends at the cleanest timestep."},
});

enum class Precision : std::uint8_t { Float32, BFloat16 };
template <>
inline constexpr auto kChoices<Precision> = std::to_array<Choice<Precision>>({
    {Precision::Float32, "float32", "float32", "24 bits of precision: right everywhere, fastest on processors."},
    {Precision::BFloat16, "bfloat16", "bfloat16",
     "8 bits of precision in matrix products: faster on GPUs that are kept busy."},
});

enum class Device : std::uint8_t { Cpu, Cuda };
template <>
inline constexpr auto kChoices<Device> = std::to_array<Choice<Device>>({
    {Device::Cpu, "cpu", "processor", "The processor: always there, and fastest for the smallest models."},
    {Device::Cuda, "cuda", "NVIDIA GPU", "The first NVIDIA GPU: for models that keep it busy."},
});

enum class SampleOrder : std::uint8_t { Random, Epoch };
template <>
inline constexpr auto kChoices<SampleOrder> = std::to_array<Choice<SampleOrder>>({
    {SampleOrder::Random, "random", "random", "Each batch anew from all samples, with replacement."},
    {SampleOrder::Epoch, "epoch", "epoch", "Each sample once, then each again in another order."},
});

}  // namespace dw::config
