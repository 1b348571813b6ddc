// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "run_folder/checkpoint_folder.h"
#include "trainer/checkpoint_saver.h"
#include "trainer/prepare_run.h"

namespace dw::trainer {

/// A run in training: its task, and all that has the same step as the task's weights. Decides nothing: when what is done is the
/// loop's (run_loop.h). Training thread only.
class ActiveRun {
 public:
  /// Takes its parts out of what was prepared.
  explicit ActiveRun(PreparedRun& prepared);

  TrainingTask& task() { return *task_; }
  const config::Recipe& recipe() const noexcept { return recipe_; }
  LiveControl& control() { return control_; }
  const config::LiveSettings& live() const noexcept { return control_.settings(); }
  std::int64_t step() const noexcept { return step_; }  ///< updates done
  CheckpointSchedule::Point point() const { return {step_, control_.state().changes}; }
  /// Its last step is done: of the total, or of the run that it repeats.
  bool isOver() const { return step_ >= live().totalSteps || step_ >= script_.lastStep; }
  bool isAtTotal() const { return step_ == live().totalSteps; }
  /// False after an update broke off in the middle, or a way back did: such weights are never saved.
  bool weightsGood() const noexcept { return weightsGood_; }

  /// One update. Its time counts from the end of the one before it, so that what the loop does in between is counted too (in rest).
  /// Throws what the task throws.
  messages::StepMetrics update();
  /// What passed since the last update is nobody's step: a pause.
  void restartClock() { stepBegan_ = Clock::now(); }
  /// Applies what the repeated run was told at this step.
  void applyScripted(Reporter& reporter);
  /// The validation loss of these weights; empty where it is measured already, or there is nothing to measure with, or keepOn said false.
  std::optional<messages::ValidationPoint> validate(const std::function<bool()>& keepOn);
  /// What a checkpoint holds.
  CheckpointSaver::Content content();
  /// Weights, optimizer, average and live settings of a verified checkpoint of this run.
  messages::WentBack goTo(const run_folder::CheckpointInfo& target, Reporter& reporter);

 private:
  using Clock = std::chrono::steady_clock;

  std::unique_ptr<TrainingTask> task_;
  config::Recipe recipe_;
  LiveControl control_;
  std::string changedBy_;
  run_folder::SmoothedLoss loss_;
  ReplayScript script_;
  std::int64_t step_;
  double activeS_;
  bool weightsGood_ = true;
  Clock::time_point stepBegan_ = Clock::now();
  std::optional<messages::ValidationPoint> validated_;  ///< the last one
};

}  // namespace dw::trainer
