// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "messages/step_metrics.h"
#include "run_folder/liveness.h"
#include "run_folder/run_log.h"
#include "run_folder/run_state.h"

namespace dw::run_library {

/// What is new in a run since the last poll. To be applied in this order.
struct FollowerUpdate {
  /// The run went back: steps from this one on, of those delivered before, no longer count (it was resumed from an earlier
  /// checkpoint). 0 or 1: nothing delivered before counts.
  std::optional<std::int64_t> rewindTo;
  std::vector<messages::StepMetrics> steps;  ///< rising, and above all delivered ones that still count
  std::vector<run_folder::LogLine> log;      ///< its new lines
  bool more = false;                         ///< call poll() again: there is more to be read at once
  bool stateChanged = false;                 ///< state() is another one than before; true at the first poll
};

/// Reads a run and then follows it, whoever trains it: this process, another one, one on another machine over a shared
/// folder, or nobody. Reads only, takes no lasting lock, has no thread: call poll() as often as you want to know (several
/// times a second costs a few system calls). Any number of followers in any number of processes. For one thread at a time.
///
///   RunFollower run(folder);
///   do { update = run.poll(); if (update.rewindTo) drop(*update.rewindTo); append(update.steps); } while (update.more);
class RunFollower {
 public:
  explicit RunFollower(std::filesystem::path run);

  /// Never throws for what a trainer (or its death) may leave behind; what cannot be read is said by trouble().
  FollowerUpdate poll(std::size_t mostSteps = 8192,
                      run_folder::LivenessProbe::Clock::time_point now = run_folder::LivenessProbe::Clock::now());

  /// As of the last poll.
  run_folder::RunState state() const noexcept { return state_; }
  const run_folder::Liveness& trainer() const noexcept { return trainer_; }
  const run_folder::LogFacts& log() const noexcept { return log_; }
  std::int64_t lastStep() const noexcept { return lastStep_; }  ///< that counts; 0 = none
  /// What cannot be read, in a sentence; empty = nothing.
  const std::string& trouble() const noexcept { return trouble_; }

 private:
  void pollMetrics(FollowerUpdate& update, std::size_t mostSteps);
  void pollLog(FollowerUpdate& update);
  void readFormat();

  std::filesystem::path run_;
  run_folder::LivenessProbe probe_;
  run_folder::LogReader logReader_;
  run_folder::LogFacts log_;
  bool hasLog_ = false, newer_ = false, looked_ = false;
  run_folder::Liveness trainer_;
  run_folder::RunState state_ = run_folder::RunState::Interrupted;
  std::uint64_t offset_ = 0;
  std::int64_t lastStep_ = 0, planned_ = 0;
  std::int64_t stepsInFile_ = 0;  ///< what lastStep_ will be when everything is delivered
  messages::StepMetrics lastRecord_;
  std::string trouble_;
};

}  // namespace dw::run_library
