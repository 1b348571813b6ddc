// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bounded_queue.h"
#include "base/spsc_ring.h"
#include "messages/messages.h"
#include "messages/step_metrics.h"
#include "trainer/command_inbox.h"
#include "trainer/run_records.h"
#include "trainer/state_machine.h"

namespace dw::trainer {

using MetricsRing = SpscRing<messages::StepMetrics, 1U << 14>;
using EventQueue = BoundedQueue<messages::Event>;

/// What a run tells: into its files first, then to whoever listens, so that whoever hears of something and reads the files finds it
/// there. Training thread only.
class Reporter {
 public:
  Reporter(EventQueue& events, MetricsRing& metrics, StateMachine& state)
      : events_(events), metrics_(metrics), state_(state) {}

  void report(messages::Event event);
  void answer(Answer answer);
  /// How far a long preparation is; told at most at every hundredth, because a queue that nobody empties for a moment must have room
  /// left for what matters.
  void progress(const std::string& activity, double fraction);
  /// Updates done: of a run that goes on, before its first step.
  void startAt(std::int64_t step) { stepsDone_ = step; }
  void step(const messages::StepMetrics& metrics);
  std::int64_t stepsDone() const noexcept { return stepsDone_; }
  void validated(const messages::ValidationPoint& point);

  messages::State state() const noexcept { return state_.state(); }
  void enter(messages::State next);

  /// Files from now on; what was told before goes into them first. firstStep: updates done before. Throws Error.
  void openFiles(const std::filesystem::path& metrics, const std::filesystem::path& log, std::int64_t firstStep);
  /// Brings them to the disk. Any thread. Throws Error.
  void syncFiles();
  /// Writes the line of what ends the run, for the files alone: it is told when everything is let go of (enter, report).
  void lastLine(const messages::Event& event) noexcept;
  void closeFiles() noexcept;

 private:
  void warnOfFiles();

  EventQueue& events_;
  MetricsRing& metrics_;
  StateMachine& state_;
  std::optional<RunRecords> records_;
  std::vector<messages::Event> unlogged_;  ///< what happened before there was a log
  std::int64_t stepsDone_ = 0;
  messages::Progress told_{.activity = {}, .fraction = -1.0};
};

}  // namespace dw::trainer
