// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/metrics_exporter.h"

#include <limits>
#include <utility>

#include "base/file_lock.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"

namespace dw::trainer {

MetricsExporter::MetricsExporter(std::filesystem::path metricsBin, std::filesystem::path hdf5)
    : metricsBin_(std::move(metricsBin)),
      hdf5_(std::move(hdf5)),
      lockFile_(metricsBin_.parent_path() / run_folder::kLockFile),
      summaryJson_(metricsBin_.parent_path() / run_folder::kSummaryFile),
      thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}

MetricsExporter::~MetricsExporter() {
  finish();
  thread_.request_stop();
}

void MetricsExporter::request() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

std::string MetricsExporter::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !wanted_ && !busy_; });
  return std::exchange(failure_, {});
}

void MetricsExporter::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    lock.unlock();  // a slow disk must hold up nobody who only asks
    touchFile(lockFile_);
    lock.lock();
    if (!changed_.wait_for(lock, stop, kHeartbeat, [this] { return wanted_; })) continue;
    wanted_ = false;
    busy_ = true;
    lock.unlock();
    std::string failure;
    try {
      run_folder::exportMetricsToHdf5(metricsBin_, hdf5_);
      summarize();
    } catch (const std::exception& e) {  // a run must not end because a copy of its metrics could not be written
      failure = e.what();
    }
    lock.lock();
    busy_ = false;
    failure_ = std::move(failure);
    changed_.notify_all();
  }
}

void MetricsExporter::summarize() {
  const ReadFile metrics(metricsBin_);
  if (summary_.count == 0)
    summary_ = run_folder::readCurveSummary(summaryJson_, metrics).value_or(run_folder::CurveSummary{});
  run_folder::extendSummary(summary_, metrics, std::numeric_limits<std::uint64_t>::max());
  if (summary_.count > 0) run_folder::writeCurveSummary(summaryJson_, summary_);
}

}  // namespace dw::trainer
