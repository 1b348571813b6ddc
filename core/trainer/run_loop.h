// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "run_folder/checkpoint_store.h"
#include "trainer/active_run.h"
#include "trainer/checkpoint_saver.h"
#include "trainer/metrics_exporter.h"
#include "trainer/sample_schedule.h"

namespace dw::trainer {

/// What a loop hears and tells by.
struct LoopChannels {
  Reporter& reporter;
  CommandInbox& inbox;
  WeightsSlot& weights;
  std::stop_token stop;
  OnTrouble onTrouble = OnTrouble::Fail;
};

/// A prepared run to its end, on the training thread:
///   until its last step is done or somebody stops it: commands, a pause if one is wanted, one update, and what follows from it
///   (validation, samples, a checkpoint); then the last checkpoint and the last samples.
class RunLoop {
 public:
  /// folder: outlives this.
  RunLoop(PreparedRun prepared, const run_folder::RunFolder& folder, LoopChannels channels);
  /// Throws what goes wrong.
  void run();
  /// After a failure: saves what is still good. Never throws.
  void rescue() noexcept;

 private:
  void train();
  void pause();
  bool update();
  void followUp();
  void validate();
  void save();
  CheckpointSaver::Content takeContent(bool planned);
  void finish();

  enum class Patience { None, UntilOneComes };
  void takeCommands(Patience patience);
  Answer obey(const CommandRequest& request);
  Answer stepOnce(const CommandRequest& request);
  Answer goBack(const CommandRequest& request, std::int64_t wanted);
  Answer mend(const CommandRequest& request);
  void goTo(const run_folder::CheckpointInfo& target);

  bool handleStepFailure(const std::exception_ptr& thrown);
  bool handleLackOfMemory(const std::exception_ptr& thrown, const std::string& what);

  run_folder::CheckpointStore store() const { return run_folder::CheckpointStore(folder_.checkpoints()); }
  bool stopAsked() const { return wishes_.stop || channels_.stop.stop_requested(); }
  bool isPaused() const { return channels_.reporter.state() == messages::State::Paused; }

  LoopChannels channels_;
  const run_folder::RunFolder& folder_;
  Wishes wishes_;
  bool measuring_ = false;  ///< the weights must stay as they are
  ActiveRun run_;
  MetricsExporter exporter_;
  SampleSchedule samples_;
  CheckpointSaver saver_;  // last: what it saves it tells to those above
};

}  // namespace dw::trainer
