// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/metrics_exporter.h"

#include <utility>

#include "run/metrics_file.h"

namespace dw::run {

MetricsExporter::MetricsExporter(std::filesystem::path metricsBin, std::filesystem::path hdf5)
    : metricsBin_(std::move(metricsBin)),
      hdf5_(std::move(hdf5)),
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
  while (changed_.wait(lock, stop, [this] { return wanted_; })) {
    wanted_ = false;
    busy_ = true;
    lock.unlock();
    std::string failure;
    try {
      exportMetricsToHdf5(metricsBin_, hdf5_);
    } catch (const std::exception& e) {  // a run must not end because a copy of its metrics could not be written
      failure = e.what();
    }
    lock.lock();
    busy_ = false;
    failure_ = std::move(failure);
    changed_.notify_all();
  }
}

}  // namespace dw::run
