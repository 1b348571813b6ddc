// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/sampling.h"

#include <torch/torch.h>

#include <utility>

#include "base/error.h"
#include "checkpoint/checkpoint_store.h"
#include "checkpoint/tensor_file.h"
#include "checkpoint/weight_import.h"
#include "checkpoint/weight_settings.h"
#include "config/recipe_json.h"
#include "model/xudit.h"
#include "run/run_folder.h"
#include "run/sampling_core.h"
#include "training/device.h"
#include "training/named_tensors.h"

namespace dw::run {
namespace {

namespace fs = std::filesystem;

/// What the schedule and the target were: in state.json, or, of a checkpoint of an earlier version, in the run's recipe.
config::Recipe recipeOf(const fs::path& checkpoint, const nlohmann::json& state, const SamplingOptions& options) {
  config::Recipe base;
  base.schedule = options.schedule;
  base.diffusion = options.diffusion;
  const auto run = runFolderOf(checkpoint);
  if (!state.contains("schedule") && fs::exists(run / "recipe.json")) return readDescription(run).recipe;
  nlohmann::json parts = nlohmann::json::object();
  for (const char* part : {"schedule", "diffusion"}) {
    if (state.contains(part)) parts[part] = state[part];
  }
  return config::recipeFromJson(parts, base);
}

/// A count in state.json; absent: otherwise.
std::int64_t countOr(const nlohmann::json& state, const char* name, std::int64_t otherwise, const fs::path& checkpoint) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  const auto value = state.value(name, nlohmann::json(otherwise));
  if (value.is_number_integer() && value >= 0 && value <= kMost) return value.get<std::int64_t>();
  throw Error(ErrorKind::BadData, checkpoint, std::string("'") + name + "' in state.json is no count", "it may be damaged: choose another checkpoint");
}

std::vector<std::string> namesIn(const nlohmann::json& state) {
  const auto names = state.value("class_names", nlohmann::json());
  std::vector<std::string> out;
  if (!names.is_array()) return out;
  for (const auto& name : names) out.push_back(name.is_string() ? name.get<std::string>() : std::string());
  return out;
}

/// [C, H, W] where the checkpoint tells it; earlier ones did not.
void takeShape(const nlohmann::json& state, const fs::path& checkpoint, SampledModel& model) {
  const auto shape = state.value("sample_shape", nlohmann::json());
  if (shape.is_null()) return;
  const bool fits = shape.is_array() && shape.size() == 3 && std::ranges::all_of(shape, [](const auto& n) {
                      return n.is_number_integer() && n > 0 && n < (1 << 20);
                    });
  if (!fits || shape[0] != model.channels) throw Error(ErrorKind::BadData, checkpoint, "the shape of a sample in state.json does not fit the model", "it may be damaged");
  model.height = shape[1];
  model.width = shape[2];
}

/// Its files are what was saved.
fs::path checkpointIn(const fs::path& folder) {
  if (fs::exists(folder / "state.json")) {
    checkpoint::verify(folder);
    return folder;
  }
  if (!fs::exists(folder / "recipe.json")) {
    throw Error(ErrorKind::BadData, folder, "this is neither a checkpoint nor a run",
                "choose a folder such as RUN/checkpoints/step-0000500, a run, or a weight file");
  }
  if (const auto newest = checkpoint::CheckpointStore(folder / "checkpoints").newestGood()) return newest->folder;
  throw Error(ErrorKind::BadData, folder, "this run has no complete checkpoint yet", "save one first");
}

std::shared_ptr<SamplingModel> finish(SampledModel info, std::shared_ptr<model::XUDiT> model, const SamplingOptions& options) {
  model->to(training::openDevice(options.device));
  return makeSamplingModel(std::move(info), std::move(model));
}

std::shared_ptr<SamplingModel> openWeights(const fs::path& path, const SamplingOptions& options) {
  const checkpoint::WeightFile file(path);
  SampledModel info;
  info.source = path;
  info.model = checkpoint::inferSettings(file).model;
  info.schedule = options.schedule;
  info.diffusion = options.diffusion;
  info.channels = info.model.inputDim;
  info.height = options.height;
  info.width = options.width;
  info.contextRows = info.model.ctxSize;
  auto model = std::make_shared<model::XUDiT>(info.model);
  checkpoint::loadWeights(file, *model);
  return finish(std::move(info), std::move(model), options);
}

}  // namespace

SampledModel describeCheckpoint(const fs::path& checkpoint, const SamplingOptions& options) {
  const auto state = checkpoint::readState(checkpoint);
  const auto recipe = recipeOf(checkpoint, state, options);
  SampledModel model;
  model.source = checkpoint;
  model.step = countOr(state, "step", 0, checkpoint);
  model.ema = options.ema && fs::exists(checkpoint / "ema.safetensors");
  if (!state.contains("model")) throw Error(ErrorKind::BadData, checkpoint, "state.json does not describe the model", "it may be damaged");
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

std::shared_ptr<SamplingModel> openSamplingModel(const fs::path& path, const SamplingOptions& options) {
  if (!fs::exists(path)) throw Error(ErrorKind::BadData, path, "there is no such file or folder", "check the path");
  if (!fs::is_directory(path)) return openWeights(path, options);
  const auto folder = checkpointIn(path);
  auto info = describeCheckpoint(folder, options);
  auto model = std::make_shared<model::XUDiT>(info.model);
  checkpoint::loadCheckpoint(folder, info.ema, *model);
  return finish(std::move(info), std::move(model), options);
}

Problems compareShapes(const SampledModel& model, const config::DatasetShape& data) {
  if (model.channels == data.channels && model.height == data.height && model.width == data.width) return {};
  const auto words = [](std::int64_t c, std::int64_t h, std::int64_t w) {
    return std::to_string(c) + " x " + std::to_string(h) + " x " + std::to_string(w);
  };
  return {{"checkpoint", Severity::Error,
           "this checkpoint was trained on samples of " + words(model.channels, model.height, model.width) + ", the open dataset has " +
               words(data.channels, data.height, data.width),
           "open the dataset it was trained on, or choose another checkpoint", ""}};
}

}  // namespace dw::run
