// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/run_records.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text_format.h"
#include "run_folder/measurement_files.h"

namespace dw::trainer {
namespace {

constexpr std::chrono::milliseconds kSyncEvery{500};
constexpr std::chrono::seconds kTryEvery{1};  ///< a disk that refuses
constexpr std::size_t kMostSteps = 400'000;   ///< about 100 MB
constexpr std::size_t kMostLines = 100'000;

}  // namespace

RunRecords::RunRecords(const std::filesystem::path& metrics, const std::filesystem::path& log, std::int64_t firstStep)
    : metricsPath_(metrics),
      metrics_(metrics),
      log_(log),
      validation_(metrics.parent_path() / run_folder::kValidationFile, run_folder::kValidationKind, firstStep),
      updates_(metrics.parent_path() / run_folder::kUpdatesFile, run_folder::kUpdatesKind, firstStep),
      thread_([this](std::stop_token stop) { syncNowAndThen(std::move(stop)); }) {}

RunRecords::~RunRecords() { flush(); }

void RunRecords::append(const messages::StepMetrics& metrics) {
  steps_.push_back(metrics);
  if (metrics.updateRatio > 0.0) updates_.add({.step = metrics.step, .ratio = metrics.updateRatio});
  if (!refused_ || Clock::now() >= nextTry_) flush();
  if (steps_.size() <= kMostSteps) return;
  throw Error(
      ErrorKind::DiskFull,
      "the metrics of " + countText(steps_.size(), "step") + " could not be written, and memory for them runs out",
      "free some space on the disk of the run, then resume it");
}

void RunRecords::append(const messages::Event& event) {
  if (const auto* back = std::get_if<messages::WentBack>(&event)) abandonAfter(back->to);
  if (lines_.size() < kMostLines) lines_.push_back(run_folder::toLogLine(event));
  if (!refused_ || Clock::now() >= nextTry_) flush();
}

void RunRecords::abandonAfter(std::int64_t step) {
  validation_.abandonAfter(step);
  updates_.abandonAfter(step);
  if (const auto again = recordOf(step)) steps_.push_back(*again);
}

std::optional<messages::StepMetrics> RunRecords::recordOf(std::int64_t step) const {
  const auto waiting =
      std::find_if(steps_.rbegin(), steps_.rend(), [step](const messages::StepMetrics& m) { return m.step == step; });
  if (waiting != steps_.rend()) return *waiting;
  try {
    return run_folder::readMetricsOf(ReadFile(metricsPath_), step);
  } catch (const Error&) {  // then the next step tells what counts, as after a resume
    return std::nullopt;
  }
}

void RunRecords::append(const messages::ValidationPoint& point) {
  validation_.add(point);
  if (!refused_ || Clock::now() >= nextTry_) flush();
}

void RunRecords::writeOut() {
  for (; !steps_.empty(); steps_.pop_front()) metrics_.append(steps_.front());
  for (; !lines_.empty(); lines_.pop_front()) log_.append(lines_.front());
  validation_.writeOut();
  updates_.writeOut();
}

bool RunRecords::flush() {
  try {
    writeOut();
    refused_ = false;
    return true;
  } catch (const std::exception& e) {  // the disk refuses: training does not end over it
    if (!refused_) warn(e.what());
    refused_ = true;
    nextTry_ = Clock::now() + kTryEvery;
    return false;
  }
}

void RunRecords::warn(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  warning_ =
      messages::Warning{"the run's records cannot be written: " + reason,
                        "free some space on that disk; until then they are kept in memory, and training goes on"};
}

void RunRecords::sync() {
  metrics_.sync();
  log_.sync();
  validation_.sync();
  updates_.sync();
}

std::optional<messages::Warning> RunRecords::takeWarning() {
  const std::lock_guard lock(mutex_);
  return std::exchange(warning_, std::nullopt);
}

void RunRecords::syncNowAndThen(std::stop_token stop) {
  bool failing = false;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, kSyncEvery, [&] { return stop.stop_requested(); })) {
    lock.unlock();
    std::string reason;
    try {
      sync();
    } catch (const std::exception& e) {  // the disk may come back
      reason = e.what();
    }
    if (!reason.empty() && !failing) warn(reason);
    failing = !reason.empty();
    lock.lock();
  }
}

}  // namespace dw::trainer
