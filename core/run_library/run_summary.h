// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "config/recipe.h"
#include "run_folder/liveness.h"
#include "run_folder/run_log.h"
#include "run_folder/run_state.h"

namespace dw::run_library {

/// Where a branched run began.
struct Parent {
  std::string run;  ///< name or path of the run, as recipe.json says it
  std::int64_t step = 0;
};

/// One run as a list shows it. Whatever could not be read is left at its default and named in `missing`.
struct RunSummary {
  std::filesystem::path folder;
  std::string name;  ///< of the folder
  run_folder::RunState state = run_folder::RunState::Incomplete;
  std::string stateDetail;     ///< "process 1234 on gpu-box", the sentence of the failure; may be empty
  bool ofThisProcess = false;  ///< this program trains it
  std::string missing;         ///< what is missing or damaged, in sentences; empty: nothing
  std::string dataset;         ///< path, or "demo"
  std::string recipeName;
  std::optional<config::Recipe> recipe;
  std::optional<Parent> parent;
  std::int64_t created = 0;  ///< seconds since 1970; 0 = unknown
  double changed = 0.0;      ///< seconds since 1970: last line of the log
  std::int64_t stepsDone = 0, stepsPlanned = 0;
  double activeS = 0.0;                          ///< seconds of training
  std::optional<double> lastLoss;                ///< of the last step
  std::optional<double> smoothedLoss, bestLoss;  ///< run_folder/curve_summary.h
  std::int64_t bestStep = 0;
  bool curveUnread = false;  ///< smoothed and best are unknown or old: summarizeCurve() finds them
  std::string device;
  int threads = 0;
  int checkpoints = 0;                 ///< folders of checkpoints, unchecked
  std::optional<std::uint64_t> bytes;  ///< of all files; empty: not counted
  bool archived = false;
  std::string note;
};

/// Reads one run. Never throws for a broken one; writes nothing; takes a few reads however long the run is. probe: remembers
/// whether the trainer lives, between calls about the same run. bytes is left empty.
RunSummary readRunSummary(const std::filesystem::path& run, run_folder::LivenessProbe& probe);
RunSummary readRunSummary(const std::filesystem::path& run);

/// The state that log and trainer give; done: steps in metrics.bin.
run_folder::RunState stateOf(const std::optional<run_folder::LogFacts>& log, bool alive, std::int64_t done,
                             std::int64_t planned);

/// Reads the whole curve where readRunSummary did not (1 M steps: about a second) and fills in what it left unknown.
/// Throws Error when metrics.bin cannot be read.
void summarizeCurve(RunSummary& summary);

/// Whether a folder looks like a run or a part of one.
bool looksLikeRun(const std::filesystem::path& folder);

}  // namespace dw::run_library
