// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "messages/measurements.h"
#include "messages/messages.h"
#include "run_folder/metrics_file.h"
#include "run_folder/record_file.h"
#include "run_folder/run_log.h"

namespace dw::trainer {

/// Rare measurements on their way to a file of their own, which appears with the first of them.
template <typename Value>
class RareRecords {
 public:
  RareRecords(std::filesystem::path path, const run_folder::RecordKind& kind, std::int64_t firstStep)
      : path_(std::move(path)), kind_(kind), firstStep_(firstStep) {
    if (std::filesystem::exists(path_)) open();
  }
  void add(const Value& value) { waiting_.push_back({value, false}); }
  /// The run went back to that step: what was measured later no longer counts.
  void abandonAfter(std::int64_t step) {
    if (!writer_ && waiting_.empty()) return;  // nothing was measured yet
    waiting_.push_back({Value{.step = step}, true});
  }
  /// Throws Error; what is not written stays.
  void writeOut() {
    if (!waiting_.empty() && !writer_) open();
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const auto& [value, mark] = waiting_.front();
      if (mark)
        writer_->abandonAfter(value.step);
      else
        writer_->append(std::as_bytes(std::span(&value, 1)));
    }
  }
  /// Any thread. Throws Error.
  void sync() {
    std::shared_ptr<run_folder::RecordWriter> writer;
    {
      const std::lock_guard lock(mutex_);
      writer = writer_;
    }
    if (writer) writer->sync();
  }

 private:
  struct Waiting {
    Value value;
    bool mark = false;  ///< no value, but the step that the run went back to
  };

  void open() {
    auto writer = std::make_shared<run_folder::RecordWriter>(path_, kind_, firstStep_);
    const std::lock_guard lock(mutex_);
    writer_ = std::move(writer);
  }

  std::filesystem::path path_;
  run_folder::RecordKind kind_;
  std::int64_t firstStep_;
  std::deque<Waiting> waiting_;
  std::mutex mutex_;  ///< guards the pointer against sync()
  std::shared_ptr<run_folder::RecordWriter> writer_;
};

/// What a run writes down at every step: metrics.bin and log.jsonl; and what it measures now and then, beside metrics.bin. A
/// thread brings all to the disk twice a second, so that a power cut costs less than a second of them. What the disk refuses is held in memory and tried again, while training
/// goes on. All calls but sync() come from the training thread.
class RunRecords {
 public:
  /// Throws Error.
  RunRecords(const std::filesystem::path& metrics, const std::filesystem::path& log, std::int64_t firstStep = 0);
  ~RunRecords();
  RunRecords(const RunRecords&) = delete;
  RunRecords& operator=(const RunRecords&) = delete;

  /// Throws Error only when more is held back than memory should bear.
  void append(const messages::StepMetrics& metrics);
  /// WentBack: what the files hold of later steps no longer counts, for whoever reads them from now on.
  void append(const messages::Event& event);
  void append(const messages::ValidationPoint& point);
  /// Tries once more to write what is held back, and says whether nothing is left.
  bool flush();
  /// Brings to the disk what is written. Any thread. Throws Error.
  void sync();

  /// What the user should hear: the disk began to refuse, or takes everything again. Once each.
  std::optional<messages::Warning> takeWarning();

 private:
  using Clock = std::chrono::steady_clock;
  void abandonAfter(std::int64_t step);
  std::optional<messages::StepMetrics> recordOf(std::int64_t step) const;
  void writeOut();
  void warn(const std::string& reason);
  void syncNowAndThen(std::stop_token stop);

  std::filesystem::path metricsPath_;
  run_folder::MetricsWriter metrics_;
  run_folder::EventLog log_;
  RareRecords<messages::ValidationPoint> validation_;
  RareRecords<messages::UpdateRatio> updates_;
  std::deque<messages::StepMetrics> steps_;  ///< not written yet
  std::deque<std::string> lines_;
  bool refused_ = false;
  Clock::time_point nextTry_;

  std::mutex mutex_;  ///< guards the warning, and the thread's sleep
  std::condition_variable_any wake_;
  std::optional<messages::Warning> warning_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace dw::trainer
