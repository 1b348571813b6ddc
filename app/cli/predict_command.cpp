// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/types.h>

#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "config/recipe_json.h"
#include "golden/golden_case.h"
#include "golden/gradient_case.h"
#include "model/xudit.h"
#include "training/named_tensors.h"
#include "weights/tensors/tensor_file.h"
#include "weights/tensors/weight_import.h"
#include "weights/weight_settings.h"

namespace dw::cli {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

struct Options {
  std::string caseFile, weights, settings, in, out, dtype = "f32";
  bool ignoreExtras = false;
};

/// What one forward pass needs, wherever it came from.
struct Pass {
  config::ModelSettings settings;
  Tensors state;                               ///< of a golden case
  std::optional<weights::WeightFile> weights;  ///< or a file
  Tensors inputs;
  nlohmann::json call = nlohmann::json::object();
};

/// Tensors by name, a prefix such as "in." cut off where it stands.
Tensors namesWithout(const training::NamedTensors& tensors, const std::string& prefix) {
  Tensors out;
  for (const auto& [name, tensor] : tensors) out[name.starts_with(prefix) ? name.substr(prefix.size()) : name] = tensor;
  return out;
}

Pass fromCase(const std::string& file) {
  const auto golden = golden::readCase(file);
  if (!golden.manifest.contains("config"))
    throw Error(ErrorKind::BadData, "the case has no 'config' for a model", "choose one of the folder xudit/");
  return {.settings = config::modelSettingsFromJson(golden.manifest["config"]),
          .state = golden.tensorsUnder("state."),
          .weights = {},
          .inputs = golden.tensorsUnder("in."),
          .call = golden.manifest.contains("call") && golden.manifest["call"].is_object() ? golden.manifest["call"]
                                                                                          : nlohmann::json::object()};
}

Pass fromFiles(const Options& o) {
  if (o.weights.empty() || o.in.empty()) {
    throw Error(ErrorKind::Usage, "a pass needs a model and its input", "give --case, or --weights with --in");
  }
  weights::WeightFile weights(o.weights);
  return {.settings = o.settings.empty()
                          ? weights::inferSettings(weights).model
                          : config::modelSettingsFromJson(config::parseJson(readTextFile(o.settings), o.settings)),
          .state = {},
          .weights = std::move(weights),
          .inputs = namesWithout(weights::tensors::readTensors(o.in), "in.")};
}

/// The inputs with floating ones cast; labels and token numbers stay whole.
Tensors inType(const Tensors& inputs, torch::ScalarType type) {
  Tensors out;
  for (const auto& [name, tensor] : inputs) out[name] = tensor.is_floating_point() ? tensor.to(type) : tensor;
  return out;
}

int predict(const Options& o) {
  if (o.dtype != "f32" && o.dtype != "f64")
    throw Error(ErrorKind::Usage, "'" + o.dtype + "' is no number type", "use f32 or f64");
  const auto pass = o.caseFile.empty() ? fromFiles(o) : fromCase(o.caseFile);
  for (const char* needed : {"x", "t"}) {
    if (!pass.inputs.contains(needed))
      throw Error(ErrorKind::BadData, std::string("the input has no tensor '") + needed + "'", "it needs x and t");
  }
  const auto type = o.dtype == "f64" ? torch::kFloat64 : torch::kFloat32;
  const auto model = std::make_shared<model::XUDiT>(pass.settings);
  model->to(type);
  model->train(pass.call.value("training", false));
  if (pass.weights) {
    weights::tensors::loadWeights(*pass.weights, *model, o.ignoreExtras);
  } else {
    training::NamedTensors stored;
    for (const auto& [name, tensor] : pass.state) stored.push_back({name, tensor});
    training::copyByName(stored, weights::tensors::stateDict(*model), "the weights");
  }

  const torch::NoGradGuard noGrad;
  const auto inputs = inType(pass.inputs, type);
  const auto result = model->run(inputs.at("x"), inputs.at("t").to(type), golden::extrasOf(pass.call, inputs));
  training::NamedTensors out{{"y", result.y}};
  if (result.encOut.defined()) out.push_back({"enc_out", result.encOut});
  weights::tensors::writeTensors(o.out, out);
  std::fprintf(stderr, "wrote %s\n", o.out.c_str());
  return kDone;
}

}  // namespace

std::function<int()> declarePredict(CLI::App& parser) {
  auto o = std::make_shared<Options>();
  parser.add_option("--case", o->caseFile, "manifest of a golden XUDiT case (CASE.json)");
  parser.add_option("--weights", o->weights, "weights as safetensors or a state dict (.pt), with --in");
  parser.add_option("--settings", o->settings,
                    "XUDiT's settings as JSON, in the reference's names (default: told by the weights' shapes)");
  parser.add_flag("--ignore-extras", o->ignoreExtras, "leave out weights that the model does not have");
  parser.add_option("--in", o->in, "inputs as safetensors: x, t and what else the model takes");
  parser.add_option("--out", o->out, "where to write y, as safetensors")->required();
  parser.add_option("--dtype", o->dtype, "f32 or f64")->capture_default_str();
  return [o] { return predict(*o); };
}

}  // namespace dw::cli
