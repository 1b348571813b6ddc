// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "config/live_settings.h"
#include "trainer/training_task.h"

namespace dw::trials {

/// Tries on the side of a run, or before it: steps on a copy, of which no run folder hears. They run in the calling thread.
struct TrialRequest {
  config::Recipe recipe;
  std::string data;                    ///< path of the dataset, or "demo"
  std::filesystem::path checkpoint{};  ///< to begin from; empty = from new weights
};

/// Told how far it is; false gives up.
using TrialProgress = std::function<bool(const std::string& activity, double fraction)>;

/// The recipe and the data of the run of a checkpoint (RUN/checkpoints/step-0000500). Throws Error BadData if it is none.
TrialRequest trialRequestFrom(const std::filesystem::path& checkpoint);

/// What a task of such a try is made from: the same batches and noise as in a run of that recipe. Only figures that this
/// needs are taken from the data, so that large data need not be read whole. Throws Error: Usage, BadData, Cancelled.
trainer::TaskRequest trialTask(const TrialRequest& request, const TrialProgress& progress);

/// The live settings that such a try begins with: those of the checkpoint, changed by hand or not, or the recipe's.
config::LiveSettings trialSettings(const trainer::TaskRequest& task);

}  // namespace dw::trials
