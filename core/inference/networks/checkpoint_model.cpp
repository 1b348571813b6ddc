// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/networks/checkpoint_model.h"

#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "config/recipe_json.h"
#include "inference/networks/xudit_model.h"
#include "model/xudit.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/run_folder.h"
#include "training/device.h"
#include "training/own_threads.h"
#include "weights/tensors/tensor_file.h"
#include "weights/tensors/weight_import.h"
#include "weights/weight_export.h"
#include "weights/weight_settings.h"

namespace dw::inference::networks {
namespace {

namespace fs = std::filesystem;

/// What the schedule and the target were: in state.json, or, of a checkpoint of an earlier version, in the run's recipe.
config::Recipe recipeOf(const fs::path& checkpoint, const nlohmann::json& state, const OpenOptions& options) {
  config::Recipe base;
  base.schedule = options.schedule;
  base.diffusion = options.diffusion;
  const auto run = run_folder::runFolderOf(checkpoint);
  if (!state.contains("schedule") && fs::exists(run / "recipe.json")) return run_folder::readDescription(run).recipe;
  nlohmann::json parts = nlohmann::json::object();
  for (const char* part : {"schedule", "diffusion"}) {
    if (state.contains(part)) parts[part] = state[part];
  }
  return config::recipeFromJson(parts, base);
}

/// A count in state.json; absent: otherwise.
std::int64_t countOr(const nlohmann::json& state, const char* name, std::int64_t otherwise,
                     const fs::path& checkpoint) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  const auto value = state.value(name, nlohmann::json(otherwise));
  if (value.is_number_integer() && value >= 0 && value <= kMost) return value.get<std::int64_t>();
  throw Error(ErrorKind::BadData, checkpoint, std::string("'") + name + "' in state.json is no count",
              "it may be damaged: choose another checkpoint");
}

std::vector<std::string> namesIn(const nlohmann::json& state) {
  const auto names = state.value("class_names", nlohmann::json());
  std::vector<std::string> out;
  if (!names.is_array()) return out;
  for (const auto& name : names) out.push_back(name.is_string() ? name.get<std::string>() : std::string());
  return out;
}

/// [C, H, W] where the checkpoint tells it; earlier ones did not.
void takeShape(const nlohmann::json& state, const fs::path& checkpoint, ModelFacts& model) {
  const auto shape = state.value("sample_shape", nlohmann::json());
  if (shape.is_null()) return;
  const bool fits = shape.is_array() && shape.size() == 3 && std::ranges::all_of(shape, [](const auto& n) {
                      return n.is_number_integer() && n > 0 && n < (1 << 20);
                    });
  if (!fits || shape[0] != model.channels)
    throw Error(ErrorKind::BadData, checkpoint, "the shape of a sample in state.json does not fit the model",
                "it may be damaged");
  model.height = shape[1];
  model.width = shape[2];
}

/// The checkpoint that a folder is, or the newest good one of the run that it is.
fs::path checkpointIn(const fs::path& folder, bool verify) {
  if (fs::exists(folder / "state.json")) {
    if (verify) run_folder::verify(folder);
    return folder;
  }
  if (!fs::exists(folder / "recipe.json")) {
    throw Error(ErrorKind::BadData, folder, "this is neither a checkpoint nor a run",
                "choose a folder such as RUN/checkpoints/step-0000500, a run, or a weight file");
  }
  if (const auto newest = run_folder::CheckpointStore(folder / "checkpoints").newestGood()) return newest->folder;
  throw Error(ErrorKind::BadData, folder, "this run has no complete checkpoint yet", "save one first");
}

/// Whether the average is to be used.
bool takesAverage(const fs::path& checkpoint, WeightChoice weights) {
  if (weights == WeightChoice::Last) return false;
  const bool kept = weights::hasAverage(checkpoint);
  if (!kept && weights == WeightChoice::Averaged) {
    throw Error(ErrorKind::Usage, checkpoint, "this checkpoint has no average of the weights (EMA)",
                "use the weights themselves");
  }
  return kept;
}

}  // namespace

ModelFacts describeCheckpoint(const fs::path& checkpoint, const OpenOptions& options) {
  const auto state = run_folder::readState(checkpoint);
  const auto recipe = recipeOf(checkpoint, state, options);
  ModelFacts model;
  model.source = checkpoint;
  model.step = countOr(state, "step", 0, checkpoint);
  model.averaged = takesAverage(checkpoint, options.weights);
  if (!state.contains("model"))
    throw Error(ErrorKind::BadData, checkpoint, "state.json does not describe the model", "it may be damaged");
  model.model = config::modelSettingsFromJson(state["model"]);
  model.schedule = recipe.schedule;
  model.diffusion = recipe.diffusion;
  model.channels = model.model.inputDim;
  model.height = options.height;
  model.width = options.width;
  takeShape(state, checkpoint, model);
  model.contextRows = countOr(state, "context_rows", model.model.ctxSize, checkpoint);
  if (state.contains("scale")) model.scale = data::valueScaleFrom(state["scale"], model.channels);
  model.classNames = namesIn(state);
  return model;
}

std::shared_ptr<const Model> openCheckpoint(const fs::path& folder, const OpenOptions& options) {
  const training::ThreadScope threads(options.threads);
  const auto checkpoint = checkpointIn(folder, options.verify);
  auto facts = describeCheckpoint(checkpoint, options);
  auto network = std::make_shared<model::XUDiT>(facts.model);
  weights::tensors::loadCheckpoint(checkpoint, facts.averaged, *network);
  network->to(training::openDevice(options.device));
  return std::make_shared<XuditModel>(std::move(facts), std::move(network));
}

std::shared_ptr<const Model> openWeights(const fs::path& path, const OpenOptions& options) {
  const training::ThreadScope threads(options.threads);
  const weights::WeightFile file(path);
  ModelFacts facts;
  facts.source = path;
  facts.model = weights::inferSettings(file).model;
  facts.schedule = options.schedule;
  facts.diffusion = options.diffusion;
  facts.channels = facts.model.inputDim;
  facts.height = options.height;
  facts.width = options.width;
  facts.contextRows = facts.model.ctxSize;
  auto network = std::make_shared<model::XUDiT>(facts.model);
  weights::tensors::loadWeights(file, *network);
  network->to(training::openDevice(options.device));
  return std::make_shared<XuditModel>(std::move(facts), std::move(network));
}

std::shared_ptr<const Model> openModel(const fs::path& path, const OpenOptions& options) {
  if (!fs::exists(path)) throw Error(ErrorKind::BadData, path, "there is no such file or folder", "check the path");
  return fs::is_directory(path) ? openCheckpoint(path, options) : openWeights(path, options);
}

}  // namespace dw::inference::networks
