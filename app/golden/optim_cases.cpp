// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/optim_cases.h"

#include <cstdio>

#include "base/error.h"
#include "diffusion/loss_weight.h"
#include "golden/computed_case.h"
#include "schedule/lr_schedule.h"
#include "schedule/noise_schedule.h"
#include "training/ema.h"
#include "training/gradient_clip.h"
#include "training/optimizer.h"

namespace dw::golden {
namespace {

/// Parameters "0", "1", ... of an optimizer case, as copies in the precision of the run.
training::NamedTensors startParameters(const Case& golden, torch::ScalarType type) {
  training::NamedTensors parameters;
  for (int i = 0; golden.has("in.param." + std::to_string(i)); ++i) {
    parameters.push_back({std::to_string(i), golden.tensor("in.param." + std::to_string(i))
                                                 .to(golden.device, type, /*non_blocking=*/false, /*copy=*/true)});
  }
  return parameters;
}

config::OptimSettings optimSettings(const Case& golden) {
  const auto& c = golden.manifest.at("config");
  config::OptimSettings settings;
  settings.kind = kindInName<config::OptimizerKind>(golden.name);
  settings.beta1 = c.value("momentum", settings.beta1);
  if (c.contains("betas")) {
    settings.beta1 = c.at("betas").at(0).get<double>();
    settings.beta2 = c.at("betas").at(1).get<double>();
  }
  settings.eps = c.value("eps", settings.eps);
  return settings;
}

Computed runOptimizer(const Case& golden, torch::ScalarType type) {
  const auto& c = golden.manifest.at("config");
  const training::UpdateSettings update{.lr = c.at("lr").get<double>(), .weightDecay = c.value("weight_decay", 0.0)};
  const double clip = c.value("clip", 0.0);
  const auto parameters = startParameters(golden, type);
  const auto optimizer = training::makeOptimizer(optimSettings(golden), parameters);
  std::map<std::string, std::vector<torch::Tensor>> history;
  const auto steps = golden.tensor("in.grad.0").size(0);
  for (std::int64_t step = 0; step < steps; ++step) {
    std::vector<torch::Tensor> gradients;
    for (const auto& p : parameters)
      gradients.push_back(
          golden.tensor("in.grad." + p.name)[step].to(golden.device, type, /*non_blocking=*/false, /*copy=*/true));
    const auto norm = training::globalNorm(gradients);
    history["grad_norm"].push_back(norm);
    const double factor = training::clipFactor(norm.item<double>(), clip);
    if (factor < 1.0) training::scaleGradients(gradients, factor);
    optimizer->step(gradients, update);
    for (const auto& p : parameters) history["param." + p.name].push_back(p.tensor.clone());
  }
  Computed computed;
  for (const auto& [name, values] : history) computed[name] = torch::stack(values);
  for (const auto& [name, tensor] : optimizer->state()) computed[name] = tensor;
  return computed;
}

training::EmaDecay emaSettings(const nlohmann::json& c) {
  using Ramp = training::EmaDecay::Ramp;
  return {.decay = c.at("decay").get<double>(),
          .minDecay = c.value("min_decay", 0.0),
          .updateAfter = c.value("update_after_step", std::int64_t{0}),
          .ramp = c.value("use_ema_warmup", false) ? Ramp::Power : Ramp::Rational,
          .invGamma = c.value("inv_gamma", 1.0),
          .power = c.value("power", 2.0 / 3.0)};
}

Computed runEma(const Case& golden, torch::ScalarType type) {
  const auto settings = emaSettings(golden.manifest.at("config"));
  const auto parameter = golden.tensor("in.param0").to(golden.device, type, /*non_blocking=*/false, /*copy=*/true);
  training::Ema ema(settings, {{"w", parameter}});
  std::vector<torch::Tensor> shadows;
  std::vector<double> decays, curve;
  const auto& path = golden.tensor("in.param");
  for (std::int64_t update = 1; update <= path.size(0); ++update) {
    parameter.copy_(path[update - 1]);
    ema.update(settings.decay);
    shadows.push_back(ema.shadow().front().tensor.clone());
    decays.push_back(training::emaDecay(settings, update));
  }
  for (std::int64_t k = 0; k < golden.tensor("out.decay_curve").size(0); ++k) {
    curve.push_back(training::emaDecay(settings, k + 1));
  }
  return {{"shadow", torch::stack(shadows)},
          {"decay", torch::tensor(decays, torch::kFloat64)},
          {"decay_curve", torch::tensor(curve, torch::kFloat64)}};
}

Computed runLearningRate(const Case& golden) {
  const auto& c = golden.manifest.at("config");
  schedule::LrSettings s;
  s.kind = kindInName<config::LrKind>(golden.name.substr(3));  // without "lr_"
  s.peak = c.at("base_lr").get<double>();
  s.warmup = c.value("warmup", s.warmup);
  s.cycles = c.value("cycles", s.cycles);
  s.power = c.value("power", s.power);
  s.end = c.value("lr_end", s.end);
  s.risingShare = c.value("pct_start", s.risingShare);
  s.startDivisor = c.value("div_factor", s.startDivisor);
  s.finalDivisor = c.value("final_div_factor", s.finalDivisor);
  const auto count = golden.tensor("out.lr").size(0);
  std::vector<double> rates;
  for (std::int64_t k = 0; k < count; ++k) {
    rates.push_back(schedule::learningRateFormula(s, k, c.value("total", count)));
  }
  return {{"lr", torch::tensor(rates, torch::kFloat64)}};
}

/// "linear 1e-4..0.02": kind, first and last beta.
schedule::NoiseSchedule scheduleInWords(const std::string& words, std::int64_t steps) {
  config::ScheduleSettings settings;
  char kind[64] = {};
  if (std::sscanf(words.c_str(), "%63s %lf..%lf", kind, &settings.betaMin, &settings.betaMax) != 3) {
    throw Error(ErrorKind::BadData, "the case's schedule '" + words + "' is not of the form 'linear 1e-4..0.02'");
  }
  settings.kind = config::choiceNamed<config::ScheduleKind>("noise schedule", kind);
  settings.steps = steps;
  return schedule::makeNoiseSchedule(settings);
}

Computed runLossWeights(const Case& golden) {
  const auto& c = golden.manifest.at("config");
  const double gamma = c.at("gamma").get<double>();
  const auto snr = scheduleInWords(c.at("schedule").get<std::string>(), golden.tensor("out.snr").size(0)).snr;
  const auto tensor = [](const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64); };
  return {{"snr", tensor(snr)},
          {"min_snr_eps", tensor(diffusion::minSnrEpsilon(snr, gamma))},
          {"min_snr_v", tensor(diffusion::minSnrVelocity(snr, gamma))},
          {"min_snr_x0", tensor(diffusion::minSnrX0(snr, gamma))},
          {"debiased", tensor(diffusion::debiasedEpsilon(snr))}};
}

}  // namespace

Outcome runOptim(const Case& golden, TensorSink* computed) {
  const auto compute = [&](torch::ScalarType type) {
    if (golden.name.starts_with("ema")) return runEma(golden, type);
    if (golden.name.starts_with("lr_")) return runLearningRate(golden);
    if (golden.name.starts_with("loss_weights")) return runLossWeights(golden);
    return runOptimizer(golden, type);
  };
  // Decays and rates are plain doubles whatever the weights are stored in.
  const auto isScalarCurve = [](const std::string& output) { return output.starts_with("decay") || output == "lr"; };
  return compareComputed(golden, compute, isScalarCurve, computed);
}

}  // namespace dw::golden
