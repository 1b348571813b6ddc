// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

#include "config/recipe_json.h"
#include "golden/cases.h"
#include "golden/comparison.h"
#include "model/initialisation.h"
#include "model/parameter_count.h"
#include "model/xudit.h"

namespace dw::golden {

namespace {

constexpr std::uint64_t kSeed = 20240229;        // any fixed one: a check of random numbers must not flicker
constexpr std::int64_t kBuildBelow = 6'000'000;  // models up to here are also built to count their tensors
// Ours is one draw, the golden figure an average of a few: each may be off by six standard errors.
constexpr double kStandardErrors = 12.0;

/// A random tensor against its rule: bounds, mean and standard deviation.
void checkDrawn(const std::string& name, const torch::Tensor& value, const nlohmann::json& expected, Comparison& out) {
  const auto& rule = expected.at("rule");
  const bool uniform = rule.at("kind") == "uniform";
  const double bound = uniform ? rule.at("bound").get<double>() : 0.0;
  const double std = uniform ? bound / std::sqrt(3.0) : rule.at("std").get<double>();
  const double count = static_cast<double>(value.numel());
  const auto v = value.to(torch::kFloat64);
  out.checkValue(name + " mean", std::abs(v.mean().item<double>() - expected.at("mean").get<double>()),
                 kStandardErrors * std / std::sqrt(count));
  if (value.numel() > 1) {
    out.checkValue(name + " std", std::abs(v.std(/*unbiased=*/false).item<double>() - std),
                   kStandardErrors * std / std::sqrt(2.0 * count));
  }
  // What lies beyond the bound; a float32 draw may touch the bound rounded up.
  if (uniform) out.checkValue(name + " bound", std::max(0.0, v.abs().max().item<double>() - bound), bound * 1e-7);
}

void checkTensor(const std::string& name, const torch::Tensor& value, const nlohmann::json& expected, Comparison& out) {
  const auto shape = expected.at("shape").get<std::vector<std::int64_t>>();
  if (value.sizes() != at::IntArrayRef(shape)) {
    out.fail(c10::str(name, " has shape ", value.sizes(), ", the golden one ", at::IntArrayRef(shape)));
    return;
  }
  const auto kind = expected.at("rule").at("kind").get<std::string>();
  if (kind == "zeros") {
    out.checkZero(name, value);
  } else if (kind == "constant") {
    const auto constant = torch::full_like(value, expected.at("rule").at("value").get<double>());
    out.check(name, value, constant, 0.0);
  } else if (kind == "buffer") {
    const auto v = value.to(torch::kFloat64);
    const auto near = [&](const char* what, double ours) {
      const double golden = expected.at(what).get<double>();
      out.checkValue(name + " " + what, std::abs(ours - golden), 1e-6 * std::abs(golden));
    };
    near("mean", v.mean().item<double>());
    near("min", v.min().item<double>());
    near("max", v.max().item<double>());
  } else {
    checkDrawn(name, value, expected, out);
  }
}

void checkStatistics(const Case& golden, Comparison& out) {
  const auto settings = config::modelSettingsFromJson(golden.manifest.at("config"));
  const auto expectedCount = golden.manifest.at("parameters").get<std::int64_t>();
  if (model::parameterCount(settings) != expectedCount) {
    out.fail(c10::str("parameterCount gives ", model::parameterCount(settings), ", golden ", expectedCount));
  }
  model::XUDiT model(settings);
  model::initialise(model, at::make_generator<at::CPUGeneratorImpl>(kSeed));
  std::map<std::string, torch::Tensor> ours;
  std::int64_t counted = 0;
  for (const auto& item : model.named_parameters()) {
    ours[item.key()] = item.value().detach();
    counted += item.value().numel();
  }
  for (const auto& item : model.named_buffers()) ours[item.key()] = item.value();
  if (counted != expectedCount) out.fail(c10::str("the model holds ", counted, " parameters, golden ", expectedCount));

  const auto& statistics = golden.manifest.at("statistics");
  for (const auto& [name, expected] : statistics.items()) {
    const auto found = ours.find(name);
    if (found == ours.end()) {
      out.fail("the model has no " + name);
      continue;
    }
    checkTensor(name, found->second, expected, out);
    ours.erase(found);
  }
  if (!ours.empty()) out.fail("the reference has no " + ours.begin()->first);
}

/// Settings of a counted configuration; the reference's own file is the one case that names no config here.
config::ModelSettings countedSettings(const nlohmann::json& entry) {
  if (entry.contains("config")) return config::modelSettingsFromJson(entry.at("config"));
  config::ModelSettings s;  // xut-small-1024-tread.json, as in the case init/xut_small_1024_tread
  s.depth = 4;
  s.decBlocks = {3};
  s.addonInfoEmbsDim = 1;
  s.tread = config::TreadSettings{1, 3, 0.5};
  return s;
}

void checkCounts(const Case& golden, Comparison& out) {
  for (const auto& [name, entry] : golden.manifest.at("counts").items()) {
    if (entry.at("kind") != "XUDiT") continue;
    const auto settings = countedSettings(entry);
    const auto expected = entry.at("parameters").get<std::int64_t>();
    const auto count = model::parameterCount(settings);
    if (count != expected) {
      out.fail(c10::str(name, ": parameterCount gives ", count, ", golden ", expected));
      continue;
    }
    std::int64_t built = expected;
    if (expected < kBuildBelow) {
      built = 0;
      for (const auto& value : model::XUDiT(settings).parameters()) built += value.numel();
    }
    out.checkValue(name, static_cast<double>(std::abs(built - expected)), 0.0);
  }
}

}  // namespace

Outcome runInit(const Case& golden, TensorSink*) {
  Comparison comparison(golden.fullName());
  if (golden.manifest.contains("counts")) {
    checkCounts(golden, comparison);
  } else {
    checkStatistics(golden, comparison);
  }
  return comparison.outcome();
}

}  // namespace dw::golden
