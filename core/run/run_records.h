// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "run/event_log.h"
#include "run/messages.h"
#include "run/metrics_file.h"

namespace dw::run {

/// What a run writes down at every step: metrics.bin and log.jsonl. A thread brings both to the disk twice a second, so that
/// a power cut costs less than a second of them. What the disk refuses is held in memory and tried again, while training
/// goes on. All calls but sync() come from the training thread.
class RunRecords {
 public:
  /// Throws Error.
  RunRecords(const std::filesystem::path& metrics, const std::filesystem::path& log);
  ~RunRecords();
  RunRecords(const RunRecords&) = delete;
  RunRecords& operator=(const RunRecords&) = delete;

  /// Throws Error only when more is held back than memory should bear.
  void append(const StepMetrics& metrics);
  void append(const Event& event);
  /// Tries once more to write what is held back, and says whether nothing is left.
  bool flush();
  /// Brings to the disk what is written. Any thread. Throws Error.
  void sync();

  /// What the user should hear: the disk began to refuse, or takes everything again. Once each.
  std::optional<Warning> takeWarning();

 private:
  using Clock = std::chrono::steady_clock;
  void writeOut();
  void warn(const std::string& reason);
  void syncNowAndThen(std::stop_token stop);

  MetricsWriter metrics_;
  EventLog log_;
  std::deque<StepMetrics> steps_;  ///< not written yet
  std::deque<std::string> lines_;
  bool refused_ = false;
  Clock::time_point nextTry_;

  std::mutex mutex_;  ///< guards the warning, and the thread's sleep
  std::condition_variable_any wake_;
  std::optional<Warning> warning_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace dw::run
