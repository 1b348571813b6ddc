// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "run_folder/curve_summary.h"

namespace dw::trainer {

/// The one thread that writes HDF5 while a run trains: turns metrics.bin into metrics.h5 and summary.json when asked, at
/// most one request waiting (a newer one covers an older one). In between it touches the run's lock file every few
/// seconds, paused or not: by this heartbeat a reader on another machine, whom the lock does not reach, sees that the
/// trainer lives.
class MetricsExporter {
 public:
  MetricsExporter(std::filesystem::path metricsBin, std::filesystem::path hdf5);
  /// Finishes what was asked for.
  ~MetricsExporter();
  MetricsExporter(const MetricsExporter&) = delete;
  static constexpr std::chrono::seconds kHeartbeat{5};
  MetricsExporter& operator=(const MetricsExporter&) = delete;

  void request();
  /// Waits for the requests so far; the sentence of the failure if the last attempt failed, else empty.
  std::string finish();

 private:
  void work(std::stop_token stop);
  void summarize();

  const std::filesystem::path metricsBin_, hdf5_, lockFile_, summaryJson_;
  run_folder::CurveSummary summary_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool wanted_ = false;
  bool busy_ = false;
  std::string failure_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace dw::trainer
