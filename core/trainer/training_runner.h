// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "messages/messages.h"
#include "messages/step_metrics.h"
#include "trainer/reporter.h"
#include "trainer/run_request.h"
#include "trainer/training_task.h"

namespace dw::trainer {

/// Owns the training thread. The thread drives a TrainingTask step by step, takes commands at step boundaries, writes
/// metrics.bin, log.jsonl and checkpoints, and reports through a ring (metrics) and a queue (events). It is the only
/// catch-all of the program: whatever the task throws becomes a Failed event. One runner trains one run at a time; after
/// Finished or Failed it may be started again.
///
///   TrainingRunner runner(makeXuditTask);
///   runner.start(FreshRun{.recipe = config::builtinRecipe("quick"), .data = "demo"});
///   while (!runner.finished()) { runner.drainMetrics(buffer); ... }
class TrainingRunner {
 public:
  explicit TrainingRunner(TaskFactory makeTask);
  /// Asks the run to stop, waits until it has saved.
  ~TrainingRunner();
  TrainingRunner(const TrainingRunner&) = delete;
  TrainingRunner& operator=(const TrainingRunner&) = delete;

  /// Owner thread only. False if a run is under way.
  bool start(RunRequest request, OnTrouble onTrouble = OnTrouble::Fail);

  /// Any thread, never blocks. False: the queue is full or no run is under way. The answer comes as CommandApplied or
  /// CommandRefused.
  bool send(messages::Command command, std::string by = "user");

  messages::State state() const noexcept { return state_.state(); }
  /// True when no training thread is at work: Idle, Finished or Failed.
  bool finished() const noexcept { return state_.rests(); }
  /// Waits until finished() or the time is over; says which.
  bool waitFinished(std::chrono::milliseconds limit) { return state_.waitUntilRests(limit); }

  /// One consumer thread (the display timer, or the CLI's loop).
  std::size_t drainMetrics(std::span<messages::StepMetrics> out) noexcept { return metrics_.pop(out); }
  std::vector<messages::Event> drainEvents() { return events_.drain(); }
  /// The newest copy that a CopyWeights command brought; null if none came since the last call.
  std::shared_ptr<const inference::Model> takeWeights() { return weights_.take().value_or(nullptr); }
  /// Records that did not fit into the ring since the program began; they stand in metrics.bin all the same.
  std::uint64_t droppedMetrics() const noexcept { return metrics_.dropped(); }

 private:
  static constexpr std::size_t kEvents = 1024;

  void threadMain(const RunRequest& request, OnTrouble onTrouble, const std::stop_token& stop);

  TaskFactory makeTask_;
  MetricsRing metrics_;
  EventQueue events_{kEvents};
  CommandInbox inbox_;
  WeightsSlot weights_;
  StateMachine state_;
  std::jthread thread_;
};

}  // namespace dw::trainer
