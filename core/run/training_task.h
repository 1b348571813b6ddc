// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/live_settings.h"
#include "config/recipe.h"
#include "data/latent_source.h"
#include "data/value_scale.h"
#include "run/step_metrics.h"

namespace dw::run {

/// Facts that a task knows once it is prepared.
struct TaskFacts {
  std::int64_t parameters = 0;
  std::int64_t firstStep = 0;  ///< updates done in the checkpoint it resumed from; 0 for a new run
  int threads = 0;
  std::string device = "cpu";
};

/// The state of a task at a step boundary, apart from the task itself, which goes on training.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  /// Writes the checkpoint's files (model, EMA, optimizer, state.json) into an existing empty folder. Called from another
  /// thread than the task's. Throws Error.
  virtual void write(const std::filesystem::path& folder) const = 0;
};

/// One training job as the runner sees it, without any tensor in sight. All calls come from the training thread.
/// The real one is XuditTask (xudit_task.h); tests of the runner bring their own.
class TrainingTask {
 public:
  virtual ~TrainingTask() = default;

  /// Builds the model, loads the checkpoint to resume from (if any), starts prefetching. Throws Error.
  virtual TaskFacts prepare() = 0;

  /// One optimizer update. Fills step, loss, lr, gradNorm, the phases it knows, samplesSeen and the timestep bins.
  /// Throws Error NotFinite BEFORE anything changed if loss or gradients are not finite.
  virtual StepMetrics step(const config::LiveSettings& live) = 0;

  /// Copies what a checkpoint holds into buffers that are kept from one call to the next, so it must be quick, and the
  /// one before must not be in use any more.
  virtual std::shared_ptr<const Snapshot> takeSnapshot(const config::LiveSettings& live) = 0;
};

/// What a task is made from.
struct TaskRequest {
  config::Recipe recipe;                            ///< already fitted to the dataset and validated
  std::shared_ptr<const data::LatentSource> data;
  data::ValueScale scale{};                         ///< from stored numbers to the model's
  std::vector<std::int64_t> skipped{};              ///< samples that are left out, in rising order
  std::filesystem::path checkpoint;                 ///< verified checkpoint folder to resume from; empty = fresh start
  std::filesystem::path weights{};                  ///< weight file for a fresh start; empty = drawn by the seed
  bool ignoreExtras = false;                        ///< of that file
  std::function<void(const std::string& activity, double fraction)> progress;  ///< may be called while preparing
};

using TaskFactory = std::function<std::unique_ptr<TrainingTask>(TaskRequest)>;

}  // namespace dw::run
