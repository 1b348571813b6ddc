// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/sampler_cases.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "config/field_text.h"
#include "diffusion/samplers/sampling_loop.h"
#include "golden/computed_case.h"
#include "schedule/noise_schedule.h"

namespace dw::golden {
namespace {

using config::SamplerKind;
using config::Spacing;
using config::Target;

/// What a scheduler of the reference library is called here, and what it does when a case's config says nothing.
struct SchedulerName {
  const char* theirs;
  SamplerKind ours;
  Spacing spacing;
  bool clips;
};

constexpr std::array kSchedulers{
    SchedulerName{"DDPMScheduler", SamplerKind::Ddpm, Spacing::Leading, true},
    SchedulerName{"DDIMScheduler", SamplerKind::Ddim, Spacing::Leading, true},
    SchedulerName{"DPMSolverMultistepScheduler", SamplerKind::DpmSolver, Spacing::Linspace, false},
    SchedulerName{"EulerDiscreteScheduler", SamplerKind::Euler, Spacing::Linspace, false},
    SchedulerName{"UniPCMultistepScheduler", SamplerKind::Unipc, Spacing::Linspace, false},
    SchedulerName{"FlowMatchEulerDiscreteScheduler", SamplerKind::Flow, Spacing::Linspace, false},
};

Target targetInWords(const std::string& words) {
  if (words == "epsilon") return Target::Eps;
  if (words == "sample") return Target::X0;
  if (words == "v_prediction") return Target::V;
  throw Error(ErrorKind::BadData, "the case's prediction_type '" + words + "' is unknown");
}

/// Without a scheduler a case is the reference pipeline's own loop: the straight path, 1 down to 1/steps.
diffusion::SamplerSettings settingsOf(const nlohmann::json& c) {
  diffusion::SamplerSettings s;
  s.steps = c.at("steps").get<std::int64_t>();
  s.kind = SamplerKind::Flow;
  s.target = Target::Flow;
  if (!c.contains("scheduler")) return s;
  const auto name = c.at("scheduler").get<std::string>();
  const auto known = std::ranges::find(kSchedulers, name, &SchedulerName::theirs);
  if (known == kSchedulers.end()) throw Error(ErrorKind::BadData, "the case's scheduler '" + name + "' is unknown");
  s.kind = known->ours;
  s.spacing = config::choiceNamed<Spacing>("spacing", c.value("timestep_spacing", config::toText(known->spacing)));
  if (s.kind != SamplerKind::Flow) s.target = targetInWords(c.value("prediction_type", std::string("epsilon")));
  if (c.value("clip_sample", known->clips)) s.clip = c.value("clip_sample_range", 1.0);
  s.eta = c.value("eta", 0.0);
  s.karras = c.value("use_karras_sigmas", false);
  s.shift = c.value("shift", 1.0);
  s.offset = c.value("steps_offset", std::int64_t{0});
  s.finalAlphaOne = c.value("set_alpha_to_one", true);
  s.largeVariance = c.value("variance_type", std::string("fixed_small")) == "fixed_large";
  s.order = c.value("solver_order", 2);
  return s;
}

schedule::NoiseSchedule scheduleOf(const nlohmann::json& c) {
  config::ScheduleSettings settings;
  settings.kind =
      config::choiceNamed<config::ScheduleKind>("noise schedule", c.value("beta_schedule", std::string("linear")));
  settings.steps = c.value("num_train_timesteps", std::int64_t{1000});
  settings.betaMin = c.value("beta_start", settings.betaMin);
  settings.betaMax = c.value("beta_end", settings.betaMax);
  const auto schedule = schedule::makeNoiseSchedule(settings);
  if (!c.value("rescale_betas_zero_snr", false)) return schedule;
  return schedule::tablesFromBetas(schedule::rescaleToZeroTerminalSnr(schedule.betas));
}

/// tanh(a x + t / b - c); told nothing (label -1), a model that is guided answers with half of a.
diffusion::Predictor fakeModel(const Case& golden, std::int64_t steps) {
  const auto& f = golden.manifest.at("fake_model");
  const double a = f.at("a").get<double>(), b = f.at("b").get<double>(), c = f.at("c").get<double>();
  return [=](const at::Tensor& x, const at::Tensor& time, const diffusion::Condition& condition) {
    at::Tensor slope = torch::full({x.size(0)}, a, x.options());
    if (condition.labels.defined()) slope = torch::where(condition.labels < 0, slope / 2, slope);
    const auto shift = time * (static_cast<double>(steps) / b) - c;
    return torch::tanh(x * slope.view({-1, 1, 1, 1}) + shift.view({-1, 1, 1, 1}));
  };
}

Computed trajectory(const Case& golden, torch::ScalarType type) {
  const auto& c = golden.manifest.at("config");
  const auto schedule = scheduleOf(c);
  const auto sampler = diffusion::makeSampler(settingsOf(c), schedule);
  const auto unit = golden.tensor("in.x_unit").to(type);
  diffusion::Guidance guidance;
  if (c.contains("cfg_scale")) {
    guidance.weight = c.at("cfg_scale").get<double>();
    guidance.with.labels = torch::zeros({unit.size(0)}, torch::kLong);
    guidance.without.labels = guidance.with.labels - 1;
  }
  std::vector<torch::Tensor> states{unit * sampler->initialScale()};
  diffusion::runSampler(
      *sampler, unit, fakeModel(golden, schedule.steps()), guidance,
      [&](std::int64_t step) { return golden.tensor("in.noise")[step].to(type); },
      [&](const diffusion::SamplingState& state) {
        states.push_back(state.x);
        return true;
      });
  return {{"x", torch::stack(states)},
          {"x_final", states.back()},
          {"timesteps", torch::tensor(sampler->timesteps(), torch::kFloat64)},
          {"sigmas", torch::tensor(sampler->sigmas(), torch::kFloat64)}};
}

}  // namespace

Outcome runSamplerCase(const Case& golden, TensorSink* computed) {
  const auto isPath = [](const std::string& output) { return output == "timesteps" || output == "sigmas"; };
  return compareComputed(
      golden, [&](torch::ScalarType type) { return trajectory(golden, type); }, isPath, computed);
}

}  // namespace dw::golden
