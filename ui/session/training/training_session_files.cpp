// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the session that completes what it has seen from the files of the run.
#include <QThreadPool>
#include <chrono>
#include <memory>
#include <utility>

#include "base/error.h"
#include "run_folder/metrics_file.h"
#include "session/background_job.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

constexpr int kReadingRestMs = 2000;  // between two readings of metrics.bin while records keep getting lost

}  // namespace

TrainingSession::FromFile TrainingSession::readFile(const std::filesystem::path& folder) {
  FromFile read;
  const auto metrics = run_folder::readMetrics(folder / "metrics.bin");
  read.history.append(metrics);
  for (const auto& m : metrics) read.timesteps.append(m);
  return read;
}

void TrainingSession::readMeasurements() {
  const int asked = ++measurementsAsked_;
  runInBackground(
      this, [folder = run_->folder] { return MeasurementHistory::read(folder); },
      [this, asked](const MeasurementHistory& earlier) {
        if (asked != measurementsAsked_) return;  // of another run, or from before it went back
        measured_.putBefore(earlier);
        Q_EMIT measurementsRewritten();
      },
      [this](const JobFailure& failure) {
        Q_EMIT warningRaised({failure.sentence.toStdString(), failure.remedy.toStdString()});
      });
}

void TrainingSession::takeMissing() {
  if (missing_.valid() && missing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    try {
      auto read = missing_.get();
      history_.merge(std::move(read.history));
      timesteps_.merge(std::move(read.timesteps));
      Q_EMIT historyRewritten();
    } catch (const Error& e) {
      Q_EMIT warningRaised({e.what(), e.remedy()});
    }
  }
  if (!gapSeen_ || missing_.valid() || !run_) return;
  const bool rested = !sinceReading_.isValid() || sinceReading_.elapsed() > kReadingRestMs;
  if (rested || isOver(state_)) askForMissing();
}

void TrainingSession::askForMissing() {
  gapSeen_ = false;
  droppedBefore_ = runner_.droppedMetrics();
  sinceReading_.start();
  auto reading = std::make_shared<std::packaged_task<FromFile()>>([folder = run_->folder] { return readFile(folder); });
  missing_ = reading->get_future();
  QThreadPool::globalInstance()->start([reading] { (*reading)(); });
}

}  // namespace dw::ui
