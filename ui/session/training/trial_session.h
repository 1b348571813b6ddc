// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "session/background_job.h"
#include "trials/dry_run.h"
#include "trials/what_if.h"

namespace dw::ui {

/// What a try begins from: a request, or the newest checkpoint of the run in this folder.
using TrialOrigin = std::variant<trials::TrialRequest, std::filesystem::path>;

/// Tries beside the run, in a thread of their own, one at a time: dry run, what-if, range test. They work on copies and write
/// nothing, so giving one up midway leaves everything as it was.
class TrialSession : public QObject {
  Q_OBJECT

 public:
  enum class Job { None, DryRun, WhatIf, RangeTest };
  Q_ENUM(Job)
  struct Step {
    std::size_t branch = 0;
    messages::StepMetrics metrics;
  };

  explicit TrialSession(trainer::TaskFactory makeTask, QObject* parent = nullptr);
  /// Gives up what is under way and waits for its step to end.
  ~TrialSession() override;

  bool isBusy() const { return job_ != Job::None; }
  Job job() const { return job_; }
  /// False if something is under way.
  bool dryRun(trials::TrialRequest request);
  bool whatIf(TrialOrigin origin, std::vector<double> rates, std::int64_t steps);
  bool rangeTest(TrialOrigin origin, double lowest, double highest, std::int64_t steps);
  /// The job ends after the step in hand, with what it has.
  void cancel();

 Q_SIGNALS:
  void busyChanged();
  void progress(const QString& activity, double fraction);
  void stepsTaken(const QList<dw::ui::TrialSession::Step>& steps);
  void dryRunDone(const dw::trials::DryRun& result);
  void whatIfDone(const dw::trials::WhatIf& result);
  void rangeTestDone(const dw::trials::RangeTest& result);
  void cancelled();
  void failed(const dw::ui::JobFailure& failure);

 private:
  /// What the working thread tells, and hears.
  struct Shared {
    std::mutex mutex;
    QList<Step> steps;
    std::string activity;
    double fraction = 0.0;
    std::atomic<bool> giveUp{false};
  };
  template <typename Work, typename Done>
  bool begin(Job job, Work work, Done done);
  void end();
  void drain();

  trainer::TaskFactory makeTask_;
  QThreadPool pool_;
  QTimer timer_;
  std::shared_ptr<Shared> shared_;
  Job job_ = Job::None;
};

}  // namespace dw::ui
