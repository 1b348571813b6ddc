// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_store.h"
#include "config/live_settings.h"
#include "run/checkpoint_writer.h"
#include "run/metrics_exporter.h"
#include "run/run_folder.h"
#include "run/run_records.h"
#include "run/smoothed_loss.h"
#include "run/training_runner.h"

namespace dw::run {

/// One run from Preparing to its end, on the training thread. Lives as long as threadMain runs; throws what goes wrong.
class RunLoop {
 public:
  RunLoop(TrainingRunner& runner, const RunRequest& request, std::stop_token stop);
  void run();

  /// Updates done so far; for the sentence of a failure.
  std::int64_t step() const noexcept { return step_; }
  /// After a failure in the middle of a run: saves what is still good. Never throws.
  void rescue() noexcept;
  /// Ends the run as failed.
  void fail(const Failed& failure) noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  void prepare();
  /// Tells how far a long preparation is and obeys commands; false: give it up.
  bool preparing(const std::string& activity, double fraction);
  /// The checkpoint to go on from, verified; empty for a fresh start. Opens the run that is resumed.
  std::filesystem::path startingPoint();
  RunDescription describe();
  /// What a branch takes over from the run of its checkpoint.
  void inherit(RunDescription& description) const;
  std::shared_ptr<const data::LatentSource> openData(RunDescription& description);
  void scanData(const data::LatentSource& source, RunDescription& description);
  void takeLiveSettings(const std::filesystem::path& checkpoint);
  void openRecords(const RunDescription& description, const TaskFacts& facts);
  void train();
  void oneStep();
  /// Takes every waiting command; with `wait`, waits for one first.
  void takeCommands(bool wait);
  void apply(const Command& command);
  void enter(State next);
  void enterFinished();
  /// Lets go of everything, so that whoever waits for the end may resume in this folder at once.
  void close();
  void reportRefusedRecords();
  void report(Event event);
  void progress(const std::string& activity, double fraction);
  void setNextSave();
  bool saveIsDue() const;
  void saveIfWanted();
  void beginSave();
  /// The user's: this step is, or is being, saved.
  void answerSaves();
  /// Reports what came of a save that is done; a failed one is a warning.
  void collectSave();
  /// Saves this step, unless it is saved, and waits for it. Throws what the save threw.
  void saveAndWait();
  void reportSaved(const SaveOutcome& outcome);
  void reportUnsaved(const SaveOutcome& outcome);
  bool stopAsked() const { return stopping_ || stop_.stop_requested(); }

  TrainingRunner& runner_;
  const RunRequest& request_;
  std::stop_token stop_;

  std::unique_ptr<RunFolder> folder_;
  std::unique_ptr<TrainingTask> task_;
  std::optional<RunRecords> records_;
  std::optional<MetricsExporter> exporter_;
  std::optional<CheckpointWriter> writer_;
  std::vector<Event> unlogged_;  ///< what happened before there was a log
  data::ValueScale scale_;
  std::vector<std::int64_t> skipped_;  ///< samples left out because they hold NaN or infinity
  std::string activity_;
  double fraction_ = -1.0;
  config::Recipe recipe_;
  config::LiveSettings live_;
  std::int64_t step_ = 0;
  std::int64_t savedStep_ = -1;  ///< on the disk
  int savesAsked_ = 0;           ///< by the user, not begun
  bool saveDue_ = false;         ///< by the recipe, not begun
  bool askedFor_ = false;        ///< the save under way, by the user
  std::string lastFailure_;      ///< of saving, until one succeeds
  SmoothedLoss loss_;
  double activeS_ = 0.0;
  bool stopping_ = false;
  bool pausing_ = false;
  Clock::time_point stepBegan_;
  Clock::time_point nextSave_;  ///< by the clock
};

}  // namespace dw::run
