// SPDX-License-Identifier: GPL-3.0-or-later
#include "golden/weight_cases.h"

#include "base/error.h"
#include "base/file.h"
#include "config/recipe_json.h"
#include "golden/comparison.h"
#include "model/xudit.h"
#include "weights/tensors/tensor_file.h"
#include "weights/tensors/weight_import.h"
#include "weights/weight_settings.h"

namespace dw::golden {
namespace {

using nlohmann::json;

/// Weights and inputs are exact float32 numbers and the model runs in float64. float16 weights are rounded: files.json says
/// that the output then agrees to about 1e-2.
constexpr double kExact = 1e-9, kHalf = 1e-2;

std::shared_ptr<model::XUDiT> load(const std::filesystem::path& path, const config::ModelSettings& settings) {
  const weights::WeightFile file(path);
  auto model = std::make_shared<model::XUDiT>(settings);
  model->to(torch::kFloat64);
  model->eval();
  weights::tensors::loadWeights(file, *model);
  return model;
}

Outcome accepted(const std::filesystem::path& folder, const json& expected, const std::string& name) {
  Comparison comparison(name);
  const auto path = folder / expected.at("file").get<std::string>();
  const auto settings = weights::inferSettings(weights::WeightFile(path)).model;
  if (!(settings == config::modelSettingsFromJson(expected.at("config"))))
    comparison.fail("the settings inferred from the shapes are " + config::toJson(settings).dump());
  training::NamedTensors tensors = weights::tensors::readTensors(folder / "ckpt_expected.safetensors");
  Case io;
  for (auto& [key, tensor] : tensors) io.tensors[key] = tensor;
  const torch::NoGradGuard noGrad;
  const auto y =
      load(path, settings)->forward(io.tensor("in.x").to(torch::kFloat64), io.tensor("in.t").to(torch::kFloat64));
  const bool half = expected.at("file").get<std::string>().find("f16") != std::string::npos;
  comparison.check("out.y", y, io.tensor("out.y"), half ? kHalf : kExact);
  return comparison.outcome();
}

/// The model of the good files, so that a bad one is measured against settings that are right.
Outcome refused(const std::filesystem::path& folder, const json& expected, const config::ModelSettings& settings,
                const std::string& name) {
  Outcome outcome;
  outcome.name = name;
  try {
    load(folder / expected.at("file").get<std::string>(), settings);
    outcome.detail = "was loaded, but should be refused";
  } catch (const Error& error) {
    outcome.detail = error.what();
    outcome.pass = true;
    for (const auto& part : expected.at("names"))
      outcome.pass = outcome.pass && outcome.detail.find(part.get<std::string>()) != std::string::npos;
  }
  return outcome;
}

}  // namespace

std::vector<Outcome> runWeightFiles(const std::filesystem::path& interopFolder) {
  const auto path = interopFolder / "files.json";
  const auto list = config::parseJson(readTextFile(path), path);
  std::vector<Outcome> outcomes;
  config::ModelSettings good;
  for (const bool bad : {false, true}) {  // the good ones first: they tell the settings
    for (const auto& expected : list.at("files")) {
      const auto file = expected.at("file").get<std::string>();
      if (!file.starts_with(bad ? "bad_ckpt" : "ckpt")) continue;
      const auto name = "interop/" + file;
      if (!bad) good = config::modelSettingsFromJson(expected.at("config"));
      try {
        outcomes.push_back(bad ? refused(interopFolder, expected, good, name)
                               : accepted(interopFolder, expected, name));
      } catch (const std::exception& error) {
        outcomes.push_back({name, false, 0.0, 0.0, error.what()});
      }
    }
  }
  return outcomes;
}

}  // namespace dw::golden
