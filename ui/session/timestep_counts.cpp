// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/timestep_counts.h"

#include <numeric>
#include <utility>
#include <vector>

#include "run/metrics_file.h"
#include "session/background_job.h"
#include "session/training_session.h"

namespace dw::ui {
namespace {

using Read = std::pair<TimestepCounts::Bins, std::int64_t>;

void addTo(TimestepCounts::Bins& bins, const run::StepMetrics& metrics) {
  for (std::size_t i = 0; i < bins.size(); ++i) bins[i] += static_cast<double>(metrics.lossCount[i]);
}

}  // namespace

TimestepCounts::TimestepCounts(TrainingSession* session, QObject* parent) : QObject(parent), session_(session) {
  connect(session_, &TrainingSession::metricsAppended, this, &TimestepCounts::take);
  connect(session_, &TrainingSession::historyRewritten, this, &TimestepCounts::readAll);
  readAll();
}

double TimestepCounts::total() const { return std::accumulate(counts_.begin(), counts_.end(), 0.0); }

void TimestepCounts::take(const QList<run::StepMetrics>& metrics) {
  if (reading_) return meanwhile_.append(metrics);
  for (const auto& m : metrics) add(m);
  Q_EMIT changed();
}

void TimestepCounts::takeRead(const Bins& counts, qint64 step) {
  reading_ = false;
  counts_ = counts;
  step_ = step;
  take(std::exchange(meanwhile_, {}));
}

void TimestepCounts::add(const run::StepMetrics& metrics) {
  if (metrics.step <= step_) return;  // counted from the file already
  addTo(counts_, metrics);
  step_ = metrics.step;
}

void TimestepCounts::readAll() {
  const auto id = ++readId_;
  counts_ = {};
  step_ = 0;
  Q_EMIT changed();
  meanwhile_.clear();
  reading_ = session_->run().has_value();
  if (!reading_) return;
  runInBackground(
      this,
      [file = session_->run()->folder / "metrics.bin"] {
        Read read{};
        for (const auto& m : run::readMetrics(file)) {
          addTo(read.first, m);
          read.second = m.step;
        }
        return read;
      },
      [this, id](const Read& read) {
        if (id == readId_) takeRead(read.first, read.second);
      },
      [this, id](const JobFailure&) {  // the session itself says that the file cannot be read
        if (id == readId_) takeRead({}, 0);
      });
}

}  // namespace dw::ui
