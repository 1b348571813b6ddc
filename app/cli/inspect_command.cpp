// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "cli/progress_line.h"
#include "config/recipe_json.h"
#include "data/channel_statistics.h"
#include "data/data_report.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"
#include "formats/safetensors.h"
#include "run_library/run_json.h"
#include "weights/weight_settings.h"

namespace dw::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json tensorList(const fs::path& file) {
  const formats::SafetensorsFile tensors(file);
  json out{{"kind", "tensors"}, {"tensors", json::array()}};
  for (const auto& entry : tensors.tensors())
    out["tensors"].push_back({{"name", entry.name}, {"dtype", entry.dtype}, {"shape", entry.shape}});
  if (!tensors.metadata().empty()) out["metadata"] = tensors.metadata();
  return out;
}

/// Weights of XUDiT, with what their shapes tell about the model; empty if the file is something else.
std::optional<json> inspectWeights(const fs::path& file) {
  try {
    const weights::WeightFile weights(file);
    const auto inferred = weights::inferSettings(weights);
    json out{{"kind", "weights"},
             {"prefix", weights.prefix()},
             {"model", config::toJson(inferred.model)},
             {"not_told_by_shapes", inferred.untold},
             {"tensors", json::array()}};
    for (const auto& [name, layout] : weights.tensors())
      out["tensors"].push_back({{"name", name}, {"dtype", formats::nameOf(layout.type)}, {"shape", layout.shape}});
    return out;
  } catch (const Error&) {
    return std::nullopt;  // not ours: opening it as a dataset says what is wrong
  }
}

constexpr const char* kError = "error";  ///< severity of what makes a dataset unfit for training

json channelJson(const data::ChannelStatistics& statistics) {
  auto channels = json::array();
  for (const auto& c : statistics.channels) {
    channels.push_back({{"mean", c.mean}, {"std", c.std}, {"min", c.min}, {"max", c.max}});
  }
  return channels;
}

json inspectDataset(const std::string& path, const data::OpenOptions& options) {
  ProgressLine line;
  auto showing = options;
  showing.progress = [&line](const std::string& activity, double fraction) {
    line.show(activity, fraction);
    return true;
  };
  const auto source = data::sources::openSource(path, showing);
  const auto& info = source->info();
  const auto statistics = data::channelStatistics(*source, 0, [&](double fraction) {
    line.show("reading", fraction);
    return true;
  });
  json out{{"kind", "dataset"},         {"format", info.format},       {"dataset", info.dataset},
           {"dtype", info.dtype},       {"samples", info.samples},     {"crops", info.crops},
           {"channels", info.channels}, {"height", info.height},       {"width", info.width},
           {"axes", info.axes},         {"stored_shape", info.stored}, {"bytes", info.bytes},
           {"files", info.files},       {"classes", info.classes},     {"statistics", channelJson(statistics)},
           {"problems", json::array()}};
  if (info.contextDim > 0) out["context"] = {info.contextRows, info.contextDim};
  if (!source->keys().empty()) out["keys"] = true;
  if (!info.classNames.empty()) out["class_names"] = info.classNames;
  const auto report = data::reportOn(info, statistics);
  if (report.suggestedScale > 0.0) out["suggested_scale"] = report.suggestedScale;
  out["uneven_channels"] = report.unevenChannels;
  for (const auto& problem : report.problems) {
    const char* severity = problem.severity == Severity::Error ? kError : "warning";
    out["problems"].push_back({{"severity", severity}, {"sentence", problem.sentence}, {"remedy", problem.remedy}});
  }
  return out;
}

bool isRun(const fs::path& path) {
  std::error_code hidden;  // then opening it says why
  return fs::exists(path / "recipe.json", hidden) || fs::exists(path / "metrics.bin", hidden);
}

/// Tensors that are neither weights of ours nor a dataset, such as a golden case or an optimizer's state.
bool isTensorList(const fs::path& path) {
  if (path.extension() != ".safetensors") return false;
  const formats::SafetensorsFile file(path);
  return file.find("latents") == nullptr && file.tensors().size() > 1;
}

json inspect(const std::string& path, const data::OpenOptions& options) {
  if (isRun(path)) {
    const auto folder = fs::absolute(path).lexically_normal();
    return run_library::describeRun(folder.has_filename() ? folder : folder.parent_path());
  }
  std::error_code hidden;  // then opening it says why
  if (fs::is_regular_file(path, hidden)) {
    if (auto weights = inspectWeights(path)) return *weights;
  }
  if (isTensorList(path)) return tensorList(path);
  return inspectDataset(path, options);
}

/// Whether it makes the dataset unfit for training.
bool tellProblem(const json& problem) {
  const auto sentence = problem["sentence"].get<std::string>(), remedy = problem["remedy"].get<std::string>();
  const bool unfit = problem["severity"] == kError;
  if (unfit)
    printError({ErrorKind::BadData, sentence, remedy});
  else
    std::fprintf(stderr, "warning: %s\n         %s\n", sentence.c_str(), remedy.c_str());
  return unfit;
}

}  // namespace

std::function<int()> declareInspect(CLI::App& parser) {
  struct Options {
    std::string path;
    data::OpenOptions open;
    bool json = false;
  };
  auto o = std::make_shared<Options>();
  parser.add_option("path", o->path, "dataset, weight file (.safetensors), run folder, or 'demo'")->required();
  parser.add_option("--dataset", o->open.dataset, "which dataset inside the file; for pictures their side in pixels");
  parser.add_option("--axes", o->open.axes, "what each axis is, B T C H W, e.g. BHWC (default: guessed)");
  parser.add_flag("--json", o->json, "one JSON object");
  return [o] {
    const auto facts = inspect(o->path, o->open);
    if (o->json)
      std::printf("%s\n", config::toLine(facts).c_str());
    else
      printText(facts);
    if (facts.contains("missing"))
      printError({ErrorKind::BadData, facts["missing"].get<std::string>(), "see dwb runs verify"});
    bool unfit = facts.contains("missing");
    for (const auto& problem : facts.value("problems", json::array())) unfit = tellProblem(problem) || unfit;
    return unfit ? static_cast<int>(kBadData) : static_cast<int>(kDone);
  };
}

}  // namespace dw::cli
