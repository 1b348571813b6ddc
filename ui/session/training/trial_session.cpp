// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/trial_session.h"

#include <utility>

#include "run_folder/checkpoint_store.h"

namespace dw::ui {
namespace {

constexpr int kDrainMs = 50;

trials::TrialRequest newestOf(const std::filesystem::path& run) {
  const auto all = run_folder::CheckpointStore(run / "checkpoints").list();
  if (all.empty()) throw Error(ErrorKind::Usage, run, "this run has no checkpoint to begin from", "save one first");
  return trials::trialRequestFrom(all.back().folder);
}

/// Reads the run's folder: for the working thread.
trials::TrialRequest requestOf(const TrialOrigin& origin) {
  const auto* run = std::get_if<std::filesystem::path>(&origin);
  return run != nullptr ? newestOf(*run) : std::get<trials::TrialRequest>(origin);
}

}  // namespace

TrialSession::TrialSession(trainer::TaskFactory makeTask, QObject* parent)
    : QObject(parent), makeTask_(std::move(makeTask)) {
  pool_.setMaxThreadCount(1);
  timer_.setInterval(kDrainMs);
  connect(&timer_, &QTimer::timeout, this, &TrialSession::drain);
}

TrialSession::~TrialSession() {
  cancel();
  pool_.waitForDone();
}

/// work(observer) runs in the pool; done(result) in this thread, after the last steps were told.
template <typename Work, typename Done>
bool TrialSession::begin(Job job, Work work, Done done) {
  if (isBusy()) return false;
  job_ = job;
  shared_ = std::make_shared<Shared>();
  const auto shared = shared_;
  const trials::TrialObserver observer{.progress =
                                           [shared](const std::string& activity, double fraction) {
                                             const std::lock_guard lock(shared->mutex);
                                             shared->activity = activity;
                                             shared->fraction = fraction;
                                             return !shared->giveUp;
                                           },
                                       .step =
                                           [shared](std::size_t branch, const messages::StepMetrics& metrics) {
                                             const std::lock_guard lock(shared->mutex);
                                             shared->steps.append({branch, metrics});
                                           }};
  timer_.start();
  Q_EMIT busyChanged();
  runInPool(
      &pool_, this, [work, observer] { return work(observer); },
      [this, done](const auto& result) {
        end();
        done(result);
      },
      [this](const JobFailure& failure) {
        const bool wanted = shared_->giveUp;
        end();
        if (wanted)
          Q_EMIT cancelled();
        else
          Q_EMIT failed(failure);
      });
  return true;
}

bool TrialSession::dryRun(trials::TrialRequest request) {
  return begin(
      Job::DryRun,
      [makeTask = makeTask_, request](const trials::TrialObserver& observer) {
        return trials::dryRun(makeTask, request, observer.progress);
      },
      [this](const trials::DryRun& result) { Q_EMIT dryRunDone(result); });
}

bool TrialSession::whatIf(TrialOrigin origin, std::vector<double> rates, std::int64_t steps) {
  return begin(
      Job::WhatIf,
      [makeTask = makeTask_, origin = std::move(origin), rates = std::move(rates),
       steps](const trials::TrialObserver& observer) {
        return trials::whatIf(makeTask, requestOf(origin), rates, steps, observer);
      },
      [this](const trials::WhatIf& result) { Q_EMIT whatIfDone(result); });
}

bool TrialSession::rangeTest(TrialOrigin origin, double lowest, double highest, std::int64_t steps) {
  return begin(
      Job::RangeTest,
      [makeTask = makeTask_, origin = std::move(origin), lowest, highest,
       steps](const trials::TrialObserver& observer) {
        return trials::rangeTest(makeTask, requestOf(origin), lowest, highest, steps, observer);
      },
      [this](const trials::RangeTest& result) { Q_EMIT rangeTestDone(result); });
}

void TrialSession::cancel() {
  if (shared_) shared_->giveUp = true;
}

void TrialSession::end() {
  drain();
  timer_.stop();
  job_ = Job::None;
  Q_EMIT busyChanged();
}

void TrialSession::drain() {
  QList<Step> steps;
  QString activity;
  double fraction = 0.0;
  {
    const std::lock_guard lock(shared_->mutex);
    steps.swap(shared_->steps);
    activity = QString::fromStdString(shared_->activity);
    fraction = shared_->fraction;
  }
  if (!steps.isEmpty()) Q_EMIT stepsTaken(steps);
  Q_EMIT progress(activity, fraction);
}

}  // namespace dw::ui
