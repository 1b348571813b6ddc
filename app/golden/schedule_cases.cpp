// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/schedule_cases.h"

#include "diffusion/flow_matching.h"
#include "diffusion/forward_process.h"
#include "golden/computed_case.h"
#include "schedule/noise_schedule.h"

namespace dw::golden {
namespace {

constexpr double kInfinityAsWritten = 3e38;

schedule::NoiseSchedule scheduleOf(const Case& golden) {
  const auto& c = golden.manifest.at("config");
  using Kind = config::ScheduleKind;
  config::ScheduleSettings settings;
  settings.kind = c.contains("beta_schedule")
                      ? config::choiceNamed<Kind>("noise schedule", c.at("beta_schedule").get<std::string>())
                      : kindInName<Kind>(golden.name);
  settings.steps = c.at("num_train_timesteps").get<std::int64_t>();
  settings.betaMin = c.value("beta_start", c.value("beta_min", settings.betaMin));
  settings.betaMax = c.value("beta_end", c.value("beta_max", settings.betaMax));
  if (!c.value("rescale_betas_zero_snr", false)) return schedule::makeNoiseSchedule(settings);
  if (settings.kind != Kind::Linear && settings.kind != Kind::ScaledLinear) {
    return schedule::tablesFromBetas(schedule::rescaleToZeroTerminalSnr(schedule::makeNoiseSchedule(settings).betas));
  }
  settings.kind = settings.kind == Kind::Linear ? Kind::LinearZeroSnr : Kind::ScaledLinearZeroSnr;
  return schedule::makeNoiseSchedule(settings);
}

torch::Tensor asTensor(const std::vector<double>& values) {
  const auto tensor = torch::tensor(values, torch::kFloat64);
  return torch::where(torch::isinf(tensor), torch::full_like(tensor, kInfinityAsWritten), tensor);
}

Computed tables(const schedule::NoiseSchedule& s) {
  return {{"betas", asTensor(s.betas)},
          {"alphas", asTensor(s.alphas)},
          {"alphas_cumprod", asTensor(s.alphaBar)},
          {"sqrt_alphas_cumprod", asTensor(s.sqrtAlphaBar)},
          {"sigma", asTensor(s.sigma)},
          {"sigma_edm", asTensor(s.sigmaEdm)},
          {"snr", asTensor(s.snr)},
          {"posterior_variance", asTensor(s.posteriorVariance)},
          {"posterior_mean_coef_x0", asTensor(s.posteriorMeanCoefX0)},
          {"posterior_mean_coef_xt", asTensor(s.posteriorMeanCoefXt)}};
}

Computed noised(const Case& golden, const schedule::NoiseSchedule& s, torch::ScalarType type) {
  Computed computed = tables(s);
  const diffusion::ForwardProcess process(s, torch::kCPU, type);
  const auto x0 = golden.tensor("in.x0").to(type);
  const auto noise = golden.tensor("in.noise").to(type);
  const auto& t = golden.tensor("in.timesteps");
  computed["add_noise"] = process.sample(x0, noise, t);
  computed["velocity"] = process.velocity(x0, noise, t);
  return computed;
}

Computed flow(const Case& golden, torch::ScalarType type) {
  const auto time = diffusion::logitNormalTime(golden.tensor("in.u").to(type));
  const auto pair = diffusion::flowPair(golden.tensor("in.x0").to(type), golden.tensor("in.noise").to(type), time);
  return {{"t", time}, {"x_t", pair.xT}, {"target", pair.target}};
}

}  // namespace

Outcome runSchedule(const Case& golden, TensorSink* computed) {
  if (golden.has("in.u")) {
    return compareComputed(
        golden, [&](torch::ScalarType type) { return flow(golden, type); }, [](const std::string&) { return false; },
        computed);
  }
  const auto schedule = scheduleOf(golden);
  const auto isTable = [table = tables(schedule)](const std::string& output) { return table.count(output) > 0; };
  return compareComputed(
      golden, [&](torch::ScalarType type) { return noised(golden, schedule, type); }, isTable, computed);
}

}  // namespace dw::golden
