// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/dry_run_card.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <algorithm>

#include "base/error.h"
#include "numbers/number_text.h"
#include "run_folder/run_folder.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "session/training/trial_session.h"

namespace dw::ui {
namespace {

/// What the run would take on its disk; nothing if the disk cannot be asked, which preparing the run will tell.
QString diskSentence(const config::Recipe& recipe, const trials::DryRun& r) {
  try {
    return diskText(trials::forecastDisk(recipe, r.parameters, r.stepsLeft, run_folder::defaultRunsFolder()),
                    recipe.checkpoint.keep);
  } catch (const Error&) {
    return {};
  }
}

QString clockIn(double seconds) {
  constexpr double kTooFar = 100.0 * 365 * 86400;
  const auto then = QDateTime::currentDateTime().addSecs(static_cast<qint64>(std::min(seconds, kTooFar)));
  const bool today = then.date() == QDate::currentDate();
  return today ? QLocale().toString(then.time(), QLocale::ShortFormat) : QLocale().toString(then, QLocale::ShortFormat);
}

}  // namespace

QString diskText(const trials::DiskForecast& forecast, std::int64_t keep) {
  const auto figures =
      DryRunCard::tr("Disk: %1 for at most %2 checkpoints of %3 and %4 of metrics, %5 free.", nullptr,
                     plural(forecast.checkpoints))
          .arg(gibibytesText(forecast.bytes()), count(forecast.checkpoints), gibibytesText(forecast.checkpointBytes),
               gibibytesText(forecast.metricsBytes), gibibytesText(forecast.freeBytes));
  if (forecast.fits()) return figures;
  const auto fitting = forecast.fittingKeep();
  if (fitting > 0 && fitting < keep) {
    return DryRunCard::tr(
               "%1 The run will not fit: keep %2 checkpoints (it is %3 now), or free some space on that disk.", nullptr,
               plural(fitting))
        .arg(figures, count(fitting), count(keep));
  }
  return DryRunCard::tr(
             "%1 The run will not fit: free some space on that disk, or put the runs on another one (DWB_RUNS).")
      .arg(figures);
}

DryRunCard::DryRunCard(TrialSession* trials, TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset,
                       QWidget* parent)
    : QWidget(parent), trials_(trials), session_(session), draft_(draft), dataset_(dataset) {
  setObjectName(QStringLiteral("dryRunCard"));
  run_ = new QPushButton;
  run_->setObjectName(QStringLiteral("dryRun"));
  words_ = new QLabel;
  words_->setObjectName(QStringLiteral("dryRunWords"));
  words_->setAccessibleName(tr("What the run would cost"));
  words_->setWordWrap(true);
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  words_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  use_ = new QPushButton;
  use_->setObjectName(QStringLiteral("useFittingBatch"));
  use_->setAccessibleName(tr("Use the batch that fits"));
  use_->hide();
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(run_);
  row->addWidget(words_, 1);
  row->addWidget(use_);
  connect(run_, &QPushButton::clicked, this, &DryRunCard::pressed);
  connect(use_, &QPushButton::clicked, this, &DryRunCard::useFittingBatch);
  connect(trials_, &TrialSession::busyChanged, this, &DryRunCard::showState);
  connect(trials_, &TrialSession::progress, this, [this](const QString& activity, double fraction) {
    if (trials_->job() == TrialSession::Job::DryRun && !activity.isEmpty()) {
      words_->setText(QStringLiteral("%1 %2 %").arg(activity).arg(qRound(100.0 * fraction)));
    }
  });
  connect(trials_, &TrialSession::dryRunDone, this, &DryRunCard::showResult);
  connect(trials_, &TrialSession::cancelled, this, [this] {
    if (asked_) forget();  // else it was another try
  });
  connect(trials_, &TrialSession::failed, this, [this](const JobFailure& failure) {
    if (!asked_) return;
    asked_ = false;
    words_->setText(tr("The dry run failed: %1. %2").arg(failure.sentence, failure.remedy));
  });
  connect(draft_, &RecipeDraft::changed, this, &DryRunCard::forget);
  connect(draft_, &RecipeDraft::problemsChanged, this, &DryRunCard::showState);
  connect(dataset_, &DatasetSession::opened, this, &DryRunCard::forget);
  connect(session_, &TrainingSession::stateChanged, this, &DryRunCard::showState);
  showState();
}

void DryRunCard::pressed() {
  if (trials_->job() == TrialSession::Job::DryRun) {
    trials_->cancel();
    run_->setEnabled(false);  // until the step in hand is done
    return;
  }
  forget();
  asked_ = trials_->dryRun({.recipe = draft_->recipe(), .data = dataset_->path().toStdString()});
}

void DryRunCard::showState() {
  const bool mine = trials_->job() == TrialSession::Job::DryRun;
  run_->setText(mine ? tr("Cancel") : tr("Dry run"));
  run_->setAccessibleName(mine ? tr("Give up the dry run") : tr("Dry run of the recipe"));
  // A run at work would be slowed down, and the times would be wrong.
  const bool quiet = !session_->isBusy();
  run_->setEnabled(mine || (quiet && !trials_->isBusy() && draft_->isReady()));
  QString why = tr("Trains three steps on a copy and tells time, memory and when the run would be done");
  if (!quiet)
    why = tr("Possible while no run is at work: it would disturb the times");
  else if (!draft_->isReady())
    why = draft_->whyNotReady();
  run_->setToolTip(why);
}

void DryRunCard::forget() {
  if (trials_->job() == TrialSession::Job::DryRun) return;
  asked_ = false;
  result_.reset();
  words_->clear();
  use_->hide();
  showState();
}

void DryRunCard::showResult(const trials::DryRun& r) {
  asked_ = false;
  result_ = r;
  if (r.fits) {
    words_->setText(
        tr("%1 parameters. A step takes %2 (%3 to %4), memory %5%6. %7 steps take %8 to %9, done about %10.", nullptr,
           plural(r.stepsLeft))
            .arg(count(r.parameters), roughDurationText(r.meanS), roughDurationText(r.fastestS),
                 roughDurationText(r.slowestS), gibibytesText(r.peakBytes),
                 r.availableBytes > 0 ? tr(" of %1").arg(gibibytesText(r.availableBytes)) : QString(),
                 count(r.stepsLeft), roughDurationText(r.shortestS()), roughDurationText(r.longestS()))
            .arg(clockIn(0.5 * (r.shortestS() + r.longestS()))) +
        QLatin1Char(' ') + diskSentence(draft_->recipe(), r));
    return;
  }
  const QString need = tr("A batch of %1 would need about %2, more than 90 % of the %3 that are free.")
                           .arg(count(r.batch), gibibytesText(r.peakBytes), gibibytesText(r.availableBytes));
  if (r.fittingBatch == 0) {
    words_->setText(tr("%1 Not even one sample fits: choose a smaller model, or gradient checkpointing.").arg(need));
    return;
  }
  const auto batch = count(r.fittingBatch);
  words_->setText(
      tr("%1 A batch of %2 fits; with accumulation an update sees about as many samples.").arg(need, batch));
  use_->setText(tr("Use %1").arg(batch));
  use_->setAccessibleName(tr("Use a batch of %1 and accumulate").arg(batch));
  use_->show();
}

void DryRunCard::useFittingBatch() {
  if (!result_ || result_->fittingBatch < 1) return;
  const auto r = *result_;  // changing the draft forgets it
  const auto accumulation = draft_->recipe().train.accumulation * ((r.batch + r.fittingBatch - 1) / r.fittingBatch);
  draft_->setField(QStringLiteral("train.batch"), QString::number(r.fittingBatch));
  draft_->setField(QStringLiteral("train.accumulation"), QString::number(accumulation));
}

}  // namespace dw::ui
