// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>
#include <array>

#include "run/step_metrics.h"

namespace dw::ui {

class TrainingSession;

/// How often the present run has drawn which timesteps, in the 20 bins of its metrics. Steps of before a resume, and those
/// that were lost on the way to the window, are read from the run's file.
class TimestepCounts : public QObject {
  Q_OBJECT

 public:
  using Bins = std::array<double, run::kTimestepBins>;

  explicit TimestepCounts(TrainingSession* session, QObject* parent = nullptr);
  const Bins& counts() const { return counts_; }
  /// Samples in all.
  double total() const;
  /// Updates that are counted, up to this step.
  qint64 step() const { return step_; }

 Q_SIGNALS:
  void changed();

 private:
  void take(const QList<run::StepMetrics>& metrics);
  void readAll();
  void add(const run::StepMetrics& metrics);
  void takeRead(const Bins& counts, qint64 step);

  TrainingSession* session_;
  Bins counts_{};
  qint64 step_ = 0;
  QList<run::StepMetrics> meanwhile_;  ///< came while the file is read
  bool reading_ = false;
  quint64 readId_ = 0;
};

}  // namespace dw::ui
