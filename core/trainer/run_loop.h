// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <deque>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "run_folder/checkpoint_store.h"
#include "config/live_settings.h"
#include "trainer/checkpoint_writer.h"
#include "trainer/live_control.h"
#include "trainer/metrics_exporter.h"
#include "trainer/replay.h"
#include "run_folder/run_folder.h"
#include "trainer/run_records.h"
#include "trainer/sample_writer.h"
#include "run_folder/smoothed_loss.h"
#include "trainer/training_runner.h"

namespace dw::trainer {

/// One run from Preparing to its end, on the training thread. Lives as long as threadMain runs; throws what goes wrong.
class RunLoop {
 public:
  RunLoop(TrainingRunner& runner, const RunRequest& request, std::stop_token stop);
  void run();

  /// Updates done so far; for the sentence of a failure.
  std::int64_t step() const noexcept { return step_; }
  /// It is the dataset that is being opened.
  bool isOpeningData() const noexcept { return openingData_; }
  /// After a failure in the middle of a run: saves what is still good. Never throws.
  void rescue() noexcept;
  /// Ends the run as failed.
  void fail(const messages::Failed& failure) noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  void prepare();
  /// Tells how far a long preparation is and obeys commands; false: give it up.
  bool preparing(const std::string& activity, double fraction);
  /// The checkpoint to go on from, verified; empty for a fresh start. Opens the run that is resumed.
  std::filesystem::path startingPoint();
  run_folder::RunDescription describe();
  /// What a branch takes over from the run of its checkpoint.
  void inherit(run_folder::RunDescription& description) const;
  std::shared_ptr<const data::LatentSource> openData(run_folder::RunDescription& description);
  void scanData(const data::LatentSource& source, run_folder::RunDescription& description);
  void takeLiveSettings(const std::filesystem::path& checkpoint);
  /// The live settings of a checkpoint of this run; a total that somebody gave the recipe since then counts as his command.
  void restoreLive(const nlohmann::json& state, std::int64_t step);
  void changeTotal(std::int64_t total, std::int64_t step);
  void openRecords(const run_folder::RunDescription& description, const TaskFacts& facts);
  /// Completes the request of a replay and reads its commands.
  void prepareReplay();
  /// Applies what the repeated run was told at this step.
  void takeScripted();
  bool isOver() const { return step_ >= live().totalSteps || step_ >= lastStep_; }
  void train();
  /// Paused, until somebody resumes or stops.
  void pause();
  /// One update with what follows from it. False: it could not be made, the run is to pause and the user knows why.
  bool tryStep();
  void oneStep();
  /// Takes every waiting command; with `wait`, waits for one first.
  void takeCommands(bool wait);
  void apply(const Order& order);
  /// It would change the weights under a validation that is being measured, or came after one that would.
  bool mustWait(const Order& order) const;
  std::optional<Order> nextOrder();
  void applyLive(const Order& order);
  void applySave(const Order& order);
  void applyStepOnce(const Order& order);
  void applyGoBack(const Order& order);
  void done(const Order& order, std::int64_t step);
  void refuse(const Order& order, const std::string& sentence, const std::string& remedy);
  bool isPaused() const { return runner_.state() == messages::State::Paused; }
  bool isAboutToPause() const;  ///< then what is for a paused run waits the moment until it is one
  /// Makes a Trouble of what a step threw; false: it is none, or there are no good weights to pause on.
  bool meetTrouble(const std::exception_ptr& thrown);
  /// The same for what is done between two updates; what: a sentence of what was not done.
  bool meetLackOfMemory(const std::exception_ptr& thrown, const std::string& what);
  /// Weights, optimizer, average and live settings of a verified checkpoint of this run.
  void goTo(const run_folder::CheckpointInfo& target);
  void enter(messages::State next);
  void enterFinished();
  /// Lets go of everything, so that whoever waits for the end may resume in this folder at once.
  void close();
  void reportRefusedRecords();
  void report(messages::Event event);
  void progress(const std::string& activity, double fraction);
  void setNextSave();
  bool saveIsDue() const;
  void saveIfWanted();
  void beginSave();
  /// Makes a Trouble of a save that could not begin; false: it is none.
  bool meetUnsaved(const std::exception_ptr& thrown);
  /// What the clock or the user asked for waits a while.
  void retryLater(const std::string& failure);
  bool isSaved() const { return savedStep_ == step_ && savedChanges_ == control_.state().changes; }
  const config::LiveSettings& live() const { return control_.settings(); }
  /// Every so many steps, and at the end.
  void validateIfDue();
  /// Measures the validation loss of this step, if the recipe wants any.
  void validate();
  /// The user's, savesAsked_ or savesTaken_: that step is saved. Sets the count to 0.
  void answerSaves(int& saves, std::int64_t step);
  /// The user's: none comes of them. Sets the count to 0.
  void refuseSaves(int& saves, std::int64_t step, const std::string& sentence, const std::string& remedy);
  /// Reports what came of a save that is done; a failed one is a warning.
  void collectSave();
  /// Saves this step, unless it is saved, and waits for it. Throws what the save threw.
  void saveAndWait();
  void reportSaved(const SaveOutcome& outcome);
  void reportUnsaved(const SaveOutcome& outcome);
  void openSamples();
  /// Every so many steps, and at the end.
  void drawSamplesIfDue();
  void drawStrip();
  /// The small picture of a checkpoint that was just saved.
  void drawPreview(const SaveOutcome& saved);
  void tellSampleFailure();
  void warnOfSamples(const std::exception_ptr& thrown, std::int64_t step);
  /// Waits a while for the pictures of the last step; gives up what is being drawn where there is none.
  void finishSamples();
  bool stopAsked() const { return stopping_ || stop_.stop_requested(); }
  /// Stopped before all of its steps were made.
  bool isCutShort() const { return stopAsked() && !isOver(); }

  TrainingRunner& runner_;
  RunRequest request_;  ///< of a replay: completed from the run it repeats
  std::stop_token stop_;

  std::unique_ptr<run_folder::RunFolder> folder_;
  std::unique_ptr<TrainingTask> task_;
  std::optional<RunRecords> records_;
  std::optional<MetricsExporter> exporter_;
  std::optional<CheckpointWriter> writer_;
  std::optional<SampleWriter> samples_;
  bool samplesFailed_ = false;
  bool passedOver_ = false;  ///< the samples that were due last: others were being drawn
  std::vector<messages::Event> unlogged_;  ///< what happened before there was a log
  data::ValueScale scale_;
  std::vector<std::int64_t> skipped_;  ///< samples left out because they hold NaN or infinity
  std::string activity_;
  double fraction_ = -1.0;
  config::Recipe recipe_;
  LiveControl control_;
  std::int64_t step_ = 0;
  std::int64_t savedStep_ = -1;     ///< on the disk
  std::int64_t savedChanges_ = 0;   ///< of the live settings, in that checkpoint
  std::int64_t savingChanges_ = 0;  ///< in the one being written
  std::deque<ScriptedCommand> script_;  ///< of a replay, not applied yet
  nlohmann::json replayedData_;         ///< identity of the dataset that the repeated run saw
  std::int64_t lastStep_ = std::numeric_limits<std::int64_t>::max();  ///< of a replay
  bool weightsGood_ = true;         ///< false while they are replaced, or after an update broke off in the middle
  int savesAsked_ = 0;           ///< by the user, not begun
  bool saveDue_ = false;         ///< by the recipe, not begun
  int savesTaken_ = 0;           ///< by the user, of the save under way
  std::string lastFailure_;      ///< of saving, until one succeeds
  run_folder::SmoothedLoss loss_;
  std::optional<messages::ValidationPoint> validated_;  ///< the last one
  double activeS_ = 0.0;
  bool openingData_ = false;
  bool stopping_ = false;
  bool pausing_ = false;
  bool validating_ = false;
  std::deque<Order> waiting_;  ///< taken from the queue while validating, not applied yet
  Clock::time_point stepBegan_;
  Clock::time_point nextSave_;  ///< by the clock
};

}  // namespace dw::trainer
