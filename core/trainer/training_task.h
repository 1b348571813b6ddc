// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/latest_value.h"
#include "config/live_settings.h"
#include "config/recipe.h"
#include "data/latent_source.h"
#include "data/value_scale.h"
#include "inference/model.h"
#include "messages/measurements.h"
#include "messages/step_metrics.h"

namespace dw::trainer {

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

/// Why a step could not be made, as far as the task knows.
struct StepFault {
  std::vector<std::int64_t> samples;  ///< of its batch, by number in the dataset
  std::string tensor;                 ///< first one that is not finite; empty if none is
  bool namesUpdate = false;           ///< the sentence says which update it was
  bool partialUpdate = false;         ///< it broke off in the middle of the update: the weights are neither old nor new
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
  /// It draws batch number (updates done + live.skipped).
  virtual messages::StepMetrics step(const config::LiveSettings& live) = 0;

  /// Of the last step(), after it threw.
  virtual StepFault fault() const { return {}; }

  /// Goes to the state of a checkpoint of this run, verified already. Throws Error; then the state is undefined.
  virtual void goTo(const std::filesystem::path& checkpoint);
  /// The validation loss of the weights as they are; changes nothing that training depends on. Fills all but the step. Empty
  /// if there is nothing to validate with, or shouldContinue() said false meanwhile.
  virtual std::optional<messages::ValidationPoint> validate(const std::function<bool()>& /*shouldContinue*/) {
    return std::nullopt;
  }

  /// Most bytes of tensors at once since prepare() began, if the request asked for it; else 0.
  virtual std::uint64_t peakBytes() const { return 0; }
  /// What the memory of the task's device, if it is not the machine's own, had to give when prepare() began; asked for by the
  /// same. 0: not known.
  virtual std::uint64_t availableBytes() const { return 0; }

  /// Copies what a checkpoint holds into buffers that are kept from one call to the next, so it must be quick, and the
  /// one before must not be in use any more.
  virtual std::shared_ptr<const Snapshot> takeSnapshot(const config::LiveSettings& live) = 0;

  /// Copies the weights, or their average (EMA) if there is one, to predict and to sample with while training goes on. Null:
  /// this task has no model to show.
  virtual std::shared_ptr<const inference::Model> copyWeights(bool averaged) {
    static_cast<void>(averaged);
    return nullptr;
  }

  /// How checkpoints of this task become models, on any thread. Empty: they do not.
  virtual inference::ModelOpener checkpointOpener() const { return {}; }
};

/// What a task is made from.
struct TaskRequest {
  config::Recipe recipe;  ///< already fitted to the dataset and validated
  std::shared_ptr<const data::LatentSource> data;
  data::ValueScale scale{};             ///< from stored numbers to the model's
  std::vector<std::int64_t> skipped{};  ///< samples that are left out, in rising order
  std::filesystem::path checkpoint{};   ///< verified checkpoint folder to resume from; empty = fresh start
  std::filesystem::path weights{};      ///< weight file for a fresh start; empty = drawn by the seed
  bool ignoreExtras = false;            ///< of that file
  bool measureMemory = false;           ///< for peakBytes()
  std::function<void(const std::string& activity, double fraction)> progress{};  ///< may be called while preparing
};

/// Where the newest copy of a task's weights waits for whoever asked for it.
using WeightsSlot = LatestValue<std::shared_ptr<const inference::Model>>;

using TaskFactory = std::function<std::unique_ptr<TrainingTask>(TaskRequest)>;

}  // namespace dw::trainer
