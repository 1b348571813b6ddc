// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_bar/run_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <cmath>

#include "numbers/number_text.h"

namespace dw::ui {
namespace {

using Pending = TrainingSession::Pending;

QString tr(const char* text) { return QCoreApplication::translate("RunText", text); }

QString whole(const TrainingSession& s) { return s.run() ? count(s.run()->totalSteps) : QString(); }

QString preparingText(const TrainingSession& s) {
  if (!s.preparing()) return tr("Preparing");
  const auto activity = QCoreApplication::translate("Progress", s.preparing()->activity.c_str());
  if (s.preparing()->fraction <= 0.0) return tr("Preparing: %1").arg(activity);
  return tr("Preparing: %1, %2 %").arg(activity).arg(static_cast<int>(std::floor(100.0 * s.preparing()->fraction)));
}

QString runningText(const TrainingSession& s) {
  const QString next = count(s.last().step + 1);
  switch (s.pending()) {
    case Pending::Pausing: return tr("Pausing after step %1").arg(next);
    case Pending::Stopping: return tr("Finishing step %1").arg(next);
    default: break;
  }
  const QString text = tr("Running, step %1 of %2").arg(count(s.last().step), whole(s));
  return s.isSaving() ? tr("%1, saving").arg(text) : text;
}

QString pausedText(const TrainingSession& s) {
  if (s.pending() == Pending::Resuming) return tr("Going on after step %1").arg(count(s.last().step));
  if (s.pending() == Pending::Stopping) return tr("Stopping at step %1").arg(count(s.last().step));
  const QString text = tr("Paused at step %1 of %2").arg(count(s.last().step), whole(s));
  return s.isSaving() ? tr("%1, saving").arg(text) : text;
}

QString finishedText(const TrainingSession& s) {
  if (!s.run()) return tr("Stopped before the first step");
  if (s.last().step >= s.run()->totalSteps) {
    return QCoreApplication::translate("RunText", "Finished all %1 steps", nullptr, plural(s.run()->totalSteps))
        .arg(whole(s));
  }
  return tr("Stopped and saved at step %1 of %2").arg(count(s.last().step), whole(s));
}

}  // namespace

QString stateText(const TrainingSession& s) {
  switch (s.state()) {
    case messages::State::Idle: return tr("Ready");
    case messages::State::Preparing:
      return s.pending() == Pending::Stopping ? tr("Stopping before the first step") : preparingText(s);
    case messages::State::Running: return runningText(s);
    case messages::State::Paused: return pausedText(s);
    case messages::State::Stopping: return tr("Saving the weights of step %1").arg(count(s.last().step));
    case messages::State::Finished: return finishedText(s);
    case messages::State::Failed: break;
  }
  const QString why = s.failure() ? QString::fromStdString(s.failure()->sentence) : QString();
  return s.last().step > 0 ? tr("Failed after step %1: %2").arg(count(s.last().step), why) : tr("Failed: %1").arg(why);
}

QString whyNoPrimary(const TrainingSession& s, const QString& whyNotReady) {
  if (s.canTrain()) return whyNotReady;
  if (s.canPause() || s.canResume()) return {};
  if (s.state() == messages::State::Preparing) return tr("The run is being prepared; it can be paused once it runs.");
  if (s.state() == messages::State::Stopping || s.pending() == Pending::Stopping)
    return tr("The run is ending: it finishes its step and saves.");
  return tr("Already asked for: it takes effect when the step in hand is done.");
}

QString whyNoStep(const TrainingSession& s) {
  if (s.canStepOnce()) return {};
  if (s.canTrain()) return tr("Nothing is running.");
  if (s.state() == messages::State::Running) return tr("Pause first; then single steps can be trained.");
  return tr("A step can be trained while the run is paused.");
}

QString whyNoStop(const TrainingSession& s) {
  if (s.canStop()) return {};
  return s.canTrain() ? tr("Nothing is running.") : tr("The run is ending: it finishes its step and saves.");
}

QString whyNoSave(const TrainingSession& s) {
  if (s.canSave()) return {};
  if (s.isSaving()) return tr("A checkpoint is being saved.");
  if (s.state() == messages::State::Preparing) return tr("There are no weights to save yet.");
  return s.canTrain() ? tr("Nothing is running; a run saves its weights when it ends.")
                      : tr("The run is saving as it ends.");
}

QString speedText(double stepsPerSecond) {
  if (!(stepsPerSecond > 0.0)) return {};
  const QLocale locale;
  if (stepsPerSecond < 1.0) return tr("%1 s/step").arg(locale.toString(1.0 / stepsPerSecond, 'f', 1));
  return tr("%1 steps/s").arg(locale.toString(stepsPerSecond, 'f', stepsPerSecond < 100.0 ? 1 : 0));
}

QString timeLeftText(const TrainingSession& s) {
  const auto left = s.secondsLeft();
  if (!left) return {};
  const auto end = s.finishClock();
  if (s.state() != messages::State::Running || !end.isValid())
    return tr("%1 of training left").arg(durationText(*left));
  const bool today = end.date() == QDate::currentDate();
  const QString clock =
      today ? QLocale().toString(end.time(), QLocale::ShortFormat) : QLocale().toString(end, QLocale::ShortFormat);
  return tr("%1 left, done at %2").arg(durationText(*left), clock);
}

}  // namespace dw::ui
