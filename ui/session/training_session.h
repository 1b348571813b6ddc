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

#include "run/messages.h"
#include "run/training_runner.h"
#include "session/measurement_history.h"
#include "session/metrics_history.h"
#include "session/rate_meter.h"
#include "session/timestep_history.h"

namespace dw::ui {

/// The training run as the window sees it. Lives in the GUI thread and owns the runner; one display timer drains the
/// metrics ring and the event queue and turns them into typed signals in the same thread, so that panels need no mutex.
class TrainingSession : public QObject {
  Q_OBJECT

 public:
  /// What was asked for and has not been answered yet; shown at once, so that no click seems lost.
  enum class Pending { None, Pausing, Resuming, Stopping };
  Q_ENUM(Pending)

  explicit TrainingSession(run::TaskFactory makeTask, QObject* parent = nullptr);
  /// Stops the run, if one is under way, and waits until it has saved.
  ~TrainingSession() override;

  /// False if a run is under way.
  bool start(run::RunRequest request);
  void pause();
  void resume();
  void stop();
  void saveNow();
  /// Peak rate that the schedule scales; taken at the next step. False: there is no run, or the rate is no rate.
  bool setLearningRate(double lr);
  // Taken at the next step, answered by commandApplied or commandRefused. False: there is no run that could take it.
  bool change(config::LiveField field, double value);
  /// Another curve from now on; the part ahead of now: schedule::ratesAhead(live().settings, last().step, points).
  bool reshape(double peak, const config::LrShape& shape);
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

  /// What runs are made of; for tries beside them (LabSession).
  const run::TaskFactory& taskFactory() const { return makeTask_; }
  run::State state() const { return state_; }
  Pending pending() const { return pending_; }
  bool isSaving() const { return savesAsked_ > 0; }
  const MetricsHistory& history() const { return history_; }
  /// Losses by timestep; grows and is rewritten together with history().
  const TimestepHistory& timesteps() const { return timesteps_; }
  /// Validation losses, ratios of update to weight and spikes of the same run. Ratios and spikes grow with metricsAppended().
  const MeasurementHistory& measurements() const { return measured_; }
  /// Facts of the present or last run; empty before the first and while a run is being prepared.
  const std::optional<run::RunOpened>& run() const { return run_; }
  const std::optional<run::Progress>& preparing() const { return progress_; }
  const std::optional<run::Failed>& failure() const { return failure_; }
  /// What the run is paused for; empty while nothing stands in its way.
  const std::optional<run::Trouble>& trouble() const { return trouble_; }
  /// The live settings of the present or last run, as applied. Meaningless before the first.
  const run::LiveState& live() const { return live_; }
  /// Recipe of the present or last run.
  const std::optional<config::Recipe>& recipe() const { return recipe_; }
  /// Newest record; its step is 0 before the first.
  const run::StepMetrics& last() const { return last_; }

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
  void stateChanged(dw::run::State state);
  /// One of the can...() or pending() may have changed.
  void actionsChanged();
  void runOpened(const dw::run::RunOpened& run);
  /// New records in step order. They stand in history() already.
  void metricsAppended(const QList<dw::run::StepMetrics>& metrics);
  /// history() was emptied for a new run or completed from the run's file: whoever keeps a copy reads it anew.
  void historyRewritten();
  /// A new validation loss. It stands in measurements() already.
  void validated(const dw::run::ValidationPoint& point);
  /// measurements() was emptied for a new run or completed from the run's files.
  void measurementsRewritten();
  void checkpointSaved(const dw::run::CheckpointSaved& checkpoint);
  void commandApplied(const dw::run::CommandApplied& command);
  void commandRefused(const dw::run::CommandRefused& command);
  /// live() may have changed.
  void liveChanged();
  void troubled(const dw::run::Trouble& trouble);
  /// The run stands at an earlier checkpoint; history() is cut already, historyRewritten() told it.
  void wentBack(const dw::run::WentBack& back);
  void warningRaised(const dw::run::Warning& warning);
  void failed(const dw::run::Failed& failure);
  void progress(const dw::run::Progress& progress);
  void weightsArrived(const std::shared_ptr<const dw::inference::Model>& model);

 private:
  static bool isOver(run::State state) { return state == run::State::Idle || state == run::State::Finished || state == run::State::Failed; }
  void takeMetrics();
  void takeEvent(const run::Event& event);
  void takeApplied(const run::CommandApplied& applied);
  void takeWentBack(const run::WentBack& back);
  void appendFresh();
  bool send(run::Command command);
  bool resumeWith(run::Command remedy);
  void setLive(const run::LiveState& live);
  void enter(run::State next);
  void setPending(Pending pending);
  void askForMissing();
  void takeMissing();
  /// Reads anew what the files say; an answer to an earlier call is dropped.
  void readMeasurements();

  run::TaskFactory makeTask_;
  run::TrainingRunner runner_;
  QTimer timer_;
  run::State state_ = run::State::Idle;
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
  int measurementsAsked_ = 0;               // the newest call of readMeasurements()
  RateMeter rate_;
  run::StepMetrics last_;
  std::optional<run::RunOpened> run_;
  std::optional<run::Progress> progress_;
  std::optional<run::Failed> failure_;
  std::optional<run::Trouble> trouble_;
  run::LiveState live_;
  std::optional<config::Recipe> recipe_;
  QList<run::StepMetrics> fresh_;           // drained, not yet announced
  std::future<FromFile> missing_;           // being read from metrics.bin on the thread pool
  QElapsedTimer sinceReading_;
  bool gapSeen_ = false;
  std::uint64_t droppedBefore_ = 0;         // ring drops that are mended already
};

}  // namespace dw::ui
