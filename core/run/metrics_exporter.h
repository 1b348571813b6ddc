// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace dw::run {

/// The one thread that writes HDF5 while a run trains: turns metrics.bin into metrics.h5 when asked, at most one request
/// waiting (a newer one covers an older one).
class MetricsExporter {
 public:
  MetricsExporter(std::filesystem::path metricsBin, std::filesystem::path hdf5);
  /// Finishes what was asked for.
  ~MetricsExporter();
  MetricsExporter(const MetricsExporter&) = delete;
  MetricsExporter& operator=(const MetricsExporter&) = delete;

  void request();
  /// Waits for the requests so far; the sentence of the failure if the last attempt failed, else empty.
  std::string finish();

 private:
  void work(std::stop_token stop);

  const std::filesystem::path metricsBin_, hdf5_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool wanted_ = false;
  bool busy_ = false;
  std::string failure_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace dw::run
