// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/latest_value.h"
#include "base/spsc_ring.h"
#include "config/recipe.h"
#include "run/messages.h"
#include "run/step_metrics.h"
#include "run/training_task.h"

namespace dw::run {

/// What the user asks for when he clicks Train.
struct RunRequest {
  config::Recipe recipe;
  std::string data;                  ///< path of the dataset, or "demo"; with resumeFrom: where it lies now, if it moved
  std::filesystem::path folder;      ///< new run folder; empty = a new one with a made-up name (run_folder.h)
  std::filesystem::path resumeFrom;  ///< existing run folder to go on with; recipe and data then come from it
  /// A checkpoint of any run to begin a new run from, with its weights, optimizer, EMA and step; recipe may differ from its
  /// run's in all but the model, and an empty data means its run's.
  std::filesystem::path branchFrom{};
  std::filesystem::path weights{};   ///< weight file to begin a new run from (checkpoint/weight_file.h)
  bool ignoreExtras = false;         ///< leave out weights that the model does not have
  /// A run folder to repeat as a new run: its recipe, data, beginning and commands; ends where that one stands (run/replay.h).
  std::filesystem::path replayOf{};
  /// With resumeFrom: new total; 0 = as recorded. With branchFrom: the recipe's total is asked for, so one that was set by hand
  /// in the parent does not come along.
  std::int64_t extraTotalSteps = 0;
  std::string device{};              ///< with resumeFrom: what computes from now on; empty = as recorded
  /// When loss or gradient is not finite, or memory is short: pause on good weights (event Trouble) instead of failing.
  bool pauseOnTrouble = false;
};

/// A command and who sent it (CommandApplied::by).
struct Order {
  Command command;
  std::string by = "user";
};

/// Owns the training thread. The thread drives a TrainingTask step by step, takes commands at step boundaries, writes
/// metrics.bin, log.jsonl and checkpoints, and reports through a ring (metrics) and a queue (events). It is the only
/// catch-all of the program: whatever the task throws becomes a Failed event. One runner trains one run at a time; after
/// Finished or Failed it may be started again.
///
///   TrainingRunner runner(makeXuditTask);
///   runner.start({.recipe = config::builtinRecipe("quick"), .data = "demo"});
///   while (!runner.finished()) { runner.drainMetrics(buffer); ... }
class TrainingRunner {
 public:
  explicit TrainingRunner(TaskFactory makeTask);
  /// Asks the run to stop, waits until it has saved.
  ~TrainingRunner();
  TrainingRunner(const TrainingRunner&) = delete;
  TrainingRunner& operator=(const TrainingRunner&) = delete;

  /// Owner thread only. False if a run is under way.
  bool start(RunRequest request);

  /// Any thread, never blocks. False: the queue is full or no run is under way. The answer comes as CommandApplied or
  /// CommandRefused.
  bool send(Command command, std::string by = "user");

  State state() const noexcept { return state_.load(std::memory_order_acquire); }
  /// True when no training thread is at work: Idle, Finished or Failed.
  bool finished() const noexcept;
  /// Waits until finished() or the time is over; says which.
  bool waitFinished(std::chrono::milliseconds limit);

  /// One consumer thread (the display timer, or the CLI's loop).
  std::size_t drainMetrics(std::span<StepMetrics> out) noexcept { return ring_.pop(out); }
  std::vector<Event> drainEvents() { return events_.drain(); }
  /// The newest copy that a CopyWeights command brought; null if none came since the last call.
  std::shared_ptr<const inference::Model> takeWeights() { return weights_.take().value_or(nullptr); }
  /// Records that did not fit into the ring since the program began; they stand in metrics.bin all the same.
  std::uint64_t droppedMetrics() const noexcept { return ring_.dropped(); }

 private:
  friend class RunLoop;
  static constexpr std::size_t kRingSize = 1U << 14;
  static constexpr std::size_t kQueueSize = 1024;

  void threadMain(const RunRequest& request, std::stop_token stop);
  void report(Event event);
  void enter(State next);

  TaskFactory makeTask_;
  SpscRing<StepMetrics, kRingSize> ring_;
  BoundedQueue<Event> events_{kQueueSize};
  BoundedQueue<Order> commands_{kQueueSize};
  LatestValue<std::shared_ptr<const inference::Model>> weights_;
  std::atomic<State> state_{State::Idle};
  std::mutex finishedMutex_;
  std::condition_variable finishedChanged_;
  std::jthread thread_;
};

}  // namespace dw::run
