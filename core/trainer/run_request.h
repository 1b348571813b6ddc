// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "config/recipe.h"

namespace dw::trainer {

/// A new run from new weights.
struct FreshRun {
  config::Recipe recipe;
  std::string data;                ///< path of the dataset, or "demo"
  std::filesystem::path folder{};  ///< of the new run; empty = a new one with a made-up name (run_folder/run_folder.h)
};

/// A new run from the weights of a file (weights/weight_file.h).
struct FromWeights {
  config::Recipe recipe;
  std::string data;
  std::filesystem::path folder{};
  std::filesystem::path weights;
  bool ignoreExtras = false;  ///< leave out weights that the model does not have
};

/// A new run from a checkpoint of any run, with its weights, optimizer, EMA and step.
struct Branch {
  config::Recipe recipe;  ///< may differ from its run's in all but the model
  std::string data;       ///< empty = its run's
  std::filesystem::path folder{};
  std::filesystem::path checkpoint;
  /// The recipe's total is asked for, so one that was set by hand in the parent does not come along; 0 = it does.
  std::int64_t totalSteps = 0;
};

/// Goes on with a run, in its folder. Recipe and data come from there.
struct ResumeRun {
  std::filesystem::path run;
  std::string data{};                      ///< where the dataset lies now, if it moved
  std::int64_t totalSteps = 0;             ///< new total; 0 = as recorded
  std::optional<config::Device> device{};  ///< what computes from now on; empty = as recorded
};

/// Repeats a run as a new one: its recipe, data, beginning and commands. Ends where that one stands (replay.h).
struct ReplayRun {
  std::filesystem::path run;
  std::string data{};  ///< where the dataset lies now, if it moved
  std::filesystem::path folder{};
};

/// What the user asks for with a click on Train.
using RunRequest = std::variant<FreshRun, FromWeights, Branch, ResumeRun, ReplayRun>;

/// What happens when loss or gradient is not finite, or memory is short.
enum class OnTrouble {
  Fail,
  Pause,  ///< on good weights, with a Trouble that names the remedies: somebody is there to choose one
};

/// The dataset that a request names; may be empty.
inline const std::string& dataOf(const RunRequest& request) {
  return std::visit([](const auto& r) -> const std::string& { return r.data; }, request);
}
/// The recipe that a request names; empty where it comes from the run itself.
inline std::optional<config::Recipe> recipeOf(const RunRequest& request) {
  return std::visit(
      [](const auto& r) -> std::optional<config::Recipe> {
        if constexpr (requires { r.recipe; })
          return r.recipe;
        else
          return std::nullopt;
      },
      request);
}
/// The device that it names; empty where that comes from the run itself.
inline std::optional<config::Device> deviceOf(const RunRequest& request) {
  if (const auto* resumed = std::get_if<ResumeRun>(&request)) return resumed->device;
  const auto recipe = recipeOf(request);
  return recipe ? std::optional(recipe->train.device) : std::nullopt;
}
inline void setData(RunRequest& request, const std::string& data) {
  std::visit([&](auto& r) { r.data = data; }, request);
}

}  // namespace dw::trainer
