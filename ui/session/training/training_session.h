// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QElapsedTimer>
#include <QList>
#include <QObject>
#include <QTimer>
#include <future>
#include <memory>
#include <optional>

#include "messages/messages.h"
#include "session/training/measurement_history.h"
#include "session/training/metrics_history.h"
#include "session/training/rate_meter.h"
#include "session/training/timestep_history.h"
#include "trainer/training_runner.h"

namespace dw::ui {

/// The training run as the window sees it. Lives in the GUI thread and owns the runner; one display timer drains the
/// metrics ring and the event queue and turns them into typed signals in the same thread, so that panels need no mutex.
class TrainingSession : public QObject {
  Q_OBJECT

 public:
  /// What was asked for and has not been answered yet; shown at once, so that no click seems lost.
  enum class Pending { None, Pausing, Resuming, Stopping };
  Q_ENUM(Pending)

  explicit TrainingSession(trainer::TaskFactory makeTask, QObject* parent = nullptr);
  /// Stops the run, if one is under way, and waits until it has saved.
  ~TrainingSession() override;

  /// False if a run is under way.
  bool start(trainer::RunRequest request);
  void pause();
  void resume();
  void stop();
  void saveNow();
  /// Peak rate that the schedule scales; taken at the next step. False: there is no run, or the rate is no rate.
  bool setLearningRate(double lr);
  // Taken at the next step, answered by commandApplied or commandRefused. False: there is no run that could take it.
  bool change(config::LiveField field, double value);
  /// Another curve from now on; the part ahead of now: schedule::ratesAhead(live().settings, last().step, points).
  bool reshape(double peak, const config::LrCurve& shape);
  bool undo();
  bool redo();
  /// While paused: one update.
  bool stepOnce();
  // Remedies of trouble(), answered by going on, or by wentBack.
  bool resumeAtHalfRate();
  bool skipBatch();
  bool goBack();

  /// Copies the weights at the next step boundary. Answer: weightsArrived, with the newest only. False: nothing trains.
  bool askForWeights(bool averaged);

  // What may be done now, derived from the state and from what is pending: the only place that knows.
  bool canTrain() const;
  bool canPause() const;
  bool canResume() const;
  bool canStop() const;
  bool canSave() const;
  bool canStepOnce() const { return canResume(); }
  bool canUndo() const { return canChange() && live_.undos > 0; }
  bool canRedo() const { return canChange() && live_.redos > 0; }
  /// Live settings may be changed.
  bool canChange() const;
  /// A training thread is at work: closing the window now would have to stop it first.
  bool isBusy() const { return !canTrain(); }

  /// What runs are made of; for tries beside them (TrialSession).
  const trainer::TaskFactory& taskFactory() const { return makeTask_; }
  messages::State state() const { return state_; }
  Pending pending() const { return pending_; }
  bool isSaving() const { return savesAsked_ > 0; }
  const MetricsHistory& history() const { return history_; }
  /// Losses by timestep; grows and is rewritten together with history().
  const TimestepHistory& timesteps() const { return timesteps_; }
  /// Validation losses, ratios of update to weight and spikes of the same run. Ratios and spikes grow with metricsAppended().
  const MeasurementHistory& measurements() const { return measured_; }
  /// Facts of the present or last run; empty before the first and while a run is being prepared.
  const std::optional<messages::RunOpened>& run() const { return run_; }
  const std::optional<messages::Progress>& preparing() const { return progress_; }
  const std::optional<messages::Failed>& failure() const { return failure_; }
  /// What the run is paused for; empty while nothing stands in its way.
  const std::optional<messages::Trouble>& trouble() const { return trouble_; }
  /// The live settings of the present or last run, as applied. Meaningless before the first.
  const messages::LiveState& live() const { return live_; }
  /// Recipe of the present or last run.
  const std::optional<config::Recipe>& recipe() const { return recipe_; }
  /// Newest record; its step is 0 before the first.
  const messages::StepMetrics& last() const { return last_; }

  double stepsPerSecond() const { return rate_.stepsPerSecond(); }
  /// Training time left; empty while unknown.
  std::optional<double> secondsLeft() const;
  /// When the run will be done if nobody pauses it; invalid while unknown.
  QDateTime finishClock() const;

  /// 16 ms between drains while the window is seen, 100 ms while it is not.
  void setVisible(bool visible);
  /// Drains now (the timer's slot; tests and the closing window call it too).
  void drain();

 Q_SIGNALS:
  void stateChanged(dw::messages::State state);
  /// One of the can...() or pending() may have changed.
  void actionsChanged();
  void runOpened(const dw::messages::RunOpened& run);
  /// New records in step order. They stand in history() already.
  void metricsAppended(const QList<dw::messages::StepMetrics>& metrics);
  /// history() was emptied for a new run or completed from the run's file: whoever keeps a copy reads it anew.
  void historyRewritten();
  /// A new validation loss. It stands in measurements() already.
  void validated(const dw::messages::ValidationPoint& point);
  /// measurements() was emptied for a new run or completed from the run's files.
  void measurementsRewritten();
  void checkpointSaved(const dw::messages::CheckpointSaved& checkpoint);
  void commandApplied(const dw::messages::CommandApplied& command);
  void commandRefused(const dw::messages::CommandRefused& command);
  /// live() may have changed.
  void liveChanged();
  void troubled(const dw::messages::Trouble& trouble);
  /// The run stands at an earlier checkpoint; history() is cut already, historyRewritten() told it.
  void wentBack(const dw::messages::WentBack& back);
  void warningRaised(const dw::messages::Warning& warning);
  void failed(const dw::messages::Failed& failure);
  void progress(const dw::messages::Progress& progress);
  void weightsArrived(const std::shared_ptr<const dw::inference::Model>& model);

 private:
  static bool isOver(messages::State state) {
    return state == messages::State::Idle || state == messages::State::Finished || state == messages::State::Failed;
  }
  void takeMetrics();
  void takeEvent(const messages::Event& event);
  void takeApplied(const messages::CommandApplied& applied);
  void takeWentBack(const messages::WentBack& back);
  void appendFresh();
  bool send(messages::Command command);
  bool resumeWith(messages::Command remedy);
  void setLive(const messages::LiveState& live);
  void enter(messages::State next);
  void setPending(Pending pending);
  void askForMissing();
  void takeMissing();
  /// Reads anew what the files say; an answer to an earlier call is dropped.
  void readMeasurements();

  trainer::TaskFactory makeTask_;
  trainer::TrainingRunner runner_;
  QTimer timer_;
  messages::State state_ = messages::State::Idle;
  Pending pending_ = Pending::None;
  int savesAsked_ = 0;
  struct FromFile {
    MetricsHistory history;
    TimestepHistory timesteps;
  };
  static FromFile readFile(const std::filesystem::path& folder);

  MetricsHistory history_;
  TimestepHistory timesteps_;
  MeasurementHistory measured_;
  int measurementsAsked_ = 0;  // the newest call of readMeasurements()
  RateMeter rate_;
  messages::StepMetrics last_;
  std::optional<messages::RunOpened> run_;
  std::optional<messages::Progress> progress_;
  std::optional<messages::Failed> failure_;
  std::optional<messages::Trouble> trouble_;
  messages::LiveState live_;
  std::optional<config::Recipe> recipe_;
  QList<messages::StepMetrics> fresh_;  // drained, not yet announced
  std::future<FromFile> missing_;       // being read from metrics.bin on the thread pool
  QElapsedTimer sinceReading_;
  bool gapSeen_ = false;
  std::uint64_t droppedBefore_ = 0;  // ring drops that are mended already
};

}  // namespace dw::ui
