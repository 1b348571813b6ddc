// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "config/recipe.h"
#include "run_folder/run_folder.h"
#include "run_folder/smoothed_loss.h"
#include "trainer/checkpoint_schedule.h"
#include "trainer/live_control.h"
#include "trainer/replay.h"
#include "trainer/reporter.h"
#include "trainer/run_request.h"
#include "trainer/training_task.h"
#include "trainer/wishes.h"

namespace dw::trainer {

/// A run before its first step: everything is checked, opened and built.
struct PreparedRun {
  std::unique_ptr<TrainingTask> task;
  config::Recipe recipe;       ///< fitted to the data, with the threads that were chosen
  nlohmann::json description;  ///< what recipe.json says; each checkpoint carries it along
  LiveControl control;
  std::string changedBy;  ///< who changes a total that the recipe has got since: resume | branch
  run_folder::SmoothedLoss loss;
  ReplayScript script;                               ///< of a replay
  std::int64_t step = 0;                             ///< updates done
  double activeS = 0.0;                              ///< seconds of training before
  std::optional<CheckpointSchedule::Point> saved{};  ///< the checkpoint of this run that it goes on from
  bool saveAtOnce = false;                           ///< a branch stands on its own from its first step on
  Wishes wishes;                                     ///< of the user, meanwhile
};

/// Finds where a run begins from, opens its dataset, makes its folder and builds its task. Tells how far it is, takes commands
/// meanwhile and answers each. Empty: stopped before it was prepared. folder: holds the run as soon as it is known which; the caller lets
/// go of it when all of its files are closed. Throws Error, and whatever the task throws.
std::optional<PreparedRun> prepareRun(const RunRequest& request, const TaskFactory& makeTask, Reporter& reporter,
                                      CommandInbox& inbox, const std::stop_token& stop,
                                      std::unique_ptr<run_folder::RunFolder>& folder);

}  // namespace dw::trainer
