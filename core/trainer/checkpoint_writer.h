// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "run_folder/checkpoint_store.h"
#include "trainer/training_task.h"

namespace dw::trainer {

/// What came of one save.
struct SaveOutcome {
  std::int64_t step = 0;
  std::filesystem::path folder;
  double seconds = 0.0;        ///< from the snapshot until it was on the disk
  std::exception_ptr failure;  ///< null if it was saved
};

/// The one thread that writes checkpoints while a run trains: one save at a time, then the pruning of older ones.
/// All calls come from the training thread.
class CheckpointWriter {
 public:
  /// keep: newest good checkpoints that stay. run: what recipe.json says; each checkpoint carries it along. beforeSave: called on the writer's thread before each save; it may throw.
  CheckpointWriter(run_folder::CheckpointStore store, std::int64_t keep, nlohmann::json run,
                   std::function<void()> beforeSave);
  /// Finishes the save under way.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  /// Only while not busy(). The snapshot must stay as it is until then. facts: for state.json.
  void begin(std::int64_t step, std::shared_ptr<const Snapshot> snapshot, nlohmann::json facts);

  /// A save is under way.
  bool busy() const;
  /// Waits until none is.
  void wait();
  /// Of the last save, once.
  std::optional<SaveOutcome> takeOutcome();

 private:
  struct Job {
    std::int64_t step = 0;
    std::shared_ptr<const Snapshot> snapshot;
    nlohmann::json facts;
    std::chrono::steady_clock::time_point began;
  };
  void work(std::stop_token stop);
  SaveOutcome save(const Job& job);

  run_folder::CheckpointStore store_;  ///< the thread's alone
  const std::int64_t keep_;
  const nlohmann::json run_;
  const std::function<void()> beforeSave_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Job> job_;  ///< until it is done
  std::optional<SaveOutcome> outcome_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace dw::trainer
