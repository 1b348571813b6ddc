// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "messages/messages.h"
#include "messages/step_metrics.h"
#include "run_folder/run_folder.h"
#include "run_folder/run_log.h"

namespace dw::trainer {

/// A (live) command of a run's log: to be applied after `step` updates.
struct ScriptedCommand {
  std::int64_t step = 0;
  std::int64_t number = 0;
  messages::Command command;
};

/// What a run is told while it repeats another one.
struct ReplayScript {
  /// those that count: what was given up by going back or resuming is left out
  std::deque<ScriptedCommand> commands{};
  std::int64_t lastStep = std::numeric_limits<std::int64_t>::max();  ///< where the metrics of the other one end
};

/// What a run must be told to come out again number by number.
struct ReplayPlan {
  run_folder::RunDescription description;  ///< its recipe with the total it began with
  std::filesystem::path branchFrom{};      ///< checkpoint that it began from, if any
  std::filesystem::path weights{};         ///< weight file that it began from, if any
  bool ignoreExtras = false;
  ReplayScript script{};
  std::vector<messages::Warning> warnings{};  ///< why the losses may differ
};

/// Reads recipe.json, log.jsonl and metrics.bin of a run. Throws Error: BadData where they cannot be read, Usage where the
/// run has no step to repeat.
ReplayPlan readReplay(const std::filesystem::path& runFolder);

/// The commands that count in the lines of a log, in order. A number that is missing among them is a warning.
std::vector<ScriptedCommand> scriptOf(std::span<const run_folder::LogLine> log,
                                      std::vector<messages::Warning>& warnings);

/// SHA-256 of step and loss of every record, as they lie in metrics.bin: equal if and only if the losses are, bit by bit.
std::string lossHash(std::span<const messages::StepMetrics> metrics);

}  // namespace dw::trainer
