// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "config/recipe.h"

namespace dw::run_folder {

inline constexpr const char* kLockFile = ".lock";            ///< base/file_lock.h; its date is the trainer's heartbeat
inline constexpr const char* kSummaryFile = "summary.json";  ///< curve_summary.h

/// Where runs live: $DWB_RUNS, else diffusion-workbench/runs in the user's data folder (XDG_DATA_HOME, ~/.local/share).
std::filesystem::path defaultRunsFolder();

/// A name that is free under `runs`: DATE-recipe-dataset-n.
std::filesystem::path newRunFolder(const std::filesystem::path& runs, const std::string& recipe,
                                   const std::string& data);

/// What recipe.json of a run says.
struct RunDescription {
  config::Recipe recipe;
  std::string data;         ///< path of the dataset, or "demo"
  nlohmann::json identity;  ///< of the dataset: data/dataset_identity.h
  /// roles of the dataset's axes (data/axis_roles.h), guessed or given; empty: not opened yet
  std::string axes{};
  nlohmann::json scale{};    ///< of the values: data/value_scale.h; null in a run of before it was kept
  nlohmann::json origin{};   ///< what it began from: {"run", "step"} of a branch, {"weights"} of a file; null = nothing
  std::int64_t created = 0;  ///< seconds since 1970; 0 = now
};

/// The folder of one run, held by this process for as long as the object lives (a lock keeps others out). Files and
/// formats: core/run_folder/README.md.
class RunFolder {
 public:
  /// Makes a new folder (its parents too) and takes its lock. Throws Error: Busy, Usage if there is a run in it already,
  /// Io, DiskFull. Nothing is left behind if it fails or if the run is never described.
  static std::unique_ptr<RunFolder> create(const std::filesystem::path& path);
  /// Takes the lock of an existing one (holdRun). Throws Error: BadData if it is no run folder, Busy.
  static std::unique_ptr<RunFolder> open(const std::filesystem::path& path);
  ~RunFolder();

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path metricsBin() const { return path_ / "metrics.bin"; }
  std::filesystem::path metricsHdf5() const { return path_ / "metrics.h5"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path samples() const { return path_ / "samples"; }
  std::filesystem::path log() const { return path_ / "log.jsonl"; }

  /// Writes recipe.json, and returns what it says. From then on the folder counts as a run and is never removed again by
  /// this class.
  nlohmann::json writeRecipe(const RunDescription& description);

 private:
  enum class Begun { Made, Empty, Existing };  ///< what there was before, and thus what goes if it is never described

  RunFolder(std::filesystem::path path, Begun begun, std::unique_ptr<FileLock> lock);
  std::filesystem::path path_;
  Begun begun_;
  std::unique_ptr<FileLock> lock_;
};

/// Reads recipe.json of a run folder. Throws Error BadData with a sentence when it is no run, or of a newer format.
RunDescription readDescription(const std::filesystem::path& runFolder);

/// The run that a checkpoint belongs to: recipe.json two folders above, or, for a checkpoint that was copied out of its run,
/// what its own state.json keeps of that. Throws like readDescription.
RunDescription describeRunOf(const std::filesystem::path& checkpoint);
/// Where the folder of that run is, or would be.
std::filesystem::path runFolderOf(const std::filesystem::path& checkpoint);

}  // namespace dw::run_folder
