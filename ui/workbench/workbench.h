// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <optional>

#include "base/problem.h"
#include "inference/backend.h"
#include "session/dataset/dataset_opening.h"
#include "session/sampling/sampling_session.h"
#include "trainer/training_runner.h"

namespace dw::run_folder {
struct RunDescription;
}

namespace dw::ui {

class DatasetSession;
class TrialSession;
class LivePredictor;
class NoiseLab;
class RecipeDraft;
class RunTransfer;
class RunsSession;
class TrainingSession;

/// What computes and reads behind the sessions, put in by the program, since it brings LibTorch along; tests bring their own.
struct Backends {
  trainer::TaskFactory task;
  inference::Backend inference{};  ///< empty = checkpoints can neither predict nor sample
  DatasetOpener data{};            ///< empty = data::openSource
};

/// A message to the user. One of the same id takes the place of the earlier one.
struct Notice {
  QString id;
  Severity severity = Severity::Error;
  QString sentence, remedy;
};

/// The root of the window: owns the sessions, hands them to the pages, and takes the requests that concern more than one of
/// them. It knows no widget: who shows what a signal tells is up to the pages. Lives in the GUI thread.
class Workbench : public QObject {
  Q_OBJECT

 public:
  explicit Workbench(Backends backends, QObject* parent = nullptr);
  /// Stops the run, if one is under way, and waits until it has saved.
  ~Workbench() override;

  TrainingSession* training() const { return training_.get(); }
  RecipeDraft* draft() const { return draft_.get(); }
  DatasetSession* dataset() const { return dataset_.get(); }
  TrialSession* trials() const { return trials_.get(); }
  RunsSession* runs() const { return runs_.get(); }
  RunTransfer* transfer() const { return transfer_.get(); }
  SamplingSession* sampling() const { return sampling_.get(); }
  NoiseLab* noise() const { return noise_.get(); }
  LivePredictor* predictor() const { return predictor_.get(); }

  /// A dataset file, a run folder, or "demo".
  void open(const QString& path);
  /// Sets a field of the recipe from elsewhere than its form.
  void proposeField(const QString& key, const QString& text);

  /// Begins a run with the recipe on the open dataset. False: it is not ready, or a run is under way.
  bool train();
  /// The same as soon as a dataset is open.
  void trainWhenOpen();
  /// totalSteps: 0 = as planned.
  void resumeRun(const QString& folder, qint64 totalSteps = 0);
  /// A new run from a checkpoint, with the recipe and the data of the checkpoint's run.
  void branchFrom(const QString& checkpoint);
  /// What was asked of an old run last, as long as no new one was begun.
  const std::optional<trainer::RunRequest>& goingOn() const { return goingOn_; }
  /// A run that could not go on because its dataset is gone or another one goes on with this one, if it is the same.
  void goOnWithData(const QString& path);
  /// The next run begins with the weights of this file, and has their model.
  void beginWithWeights(const QString& path);
  /// Samples shall be drawn from this checkpoint.
  void sampleFrom(const QString& checkpoint);

  // The recipe as the user left it, over the end of the program.
  void rememberRecipe() const;
  void recallRecipe();

 Q_SIGNALS:
  /// A dataset is being opened because the user asked for it.
  void dataRequested();
  /// A run was begun, resumed or branched.
  void runBegun();
  /// The recipe of the next run was changed from elsewhere than its form.
  void recipeProposed();
  void samplesRequested(const QString& checkpoint);
  void noticed(const dw::ui::Notice& notice);
  /// What the notice of this id told is over.
  void settled(const QString& id);

 private:
  void connectSessions();
  /// Starts what makeRequest makes of the run in that folder, and opens the run's data.
  void goOnWith(const QString& folder,
                const std::function<trainer::RunRequest(const run_folder::RunDescription&)>& makeRequest);
  void goOn(trainer::RunRequest request, const run_folder::RunDescription& description);

  // Destroyed from the last to the first: what looks at a session goes before it.
  std::unique_ptr<TrainingSession> training_;
  std::unique_ptr<RecipeDraft> draft_;
  std::unique_ptr<DatasetSession> dataset_;
  std::unique_ptr<TrialSession> trials_;
  std::unique_ptr<RunsSession> runs_;
  std::unique_ptr<RunTransfer> transfer_;
  std::unique_ptr<SamplingSession> sampling_;
  std::unique_ptr<NoiseLab> noise_;
  std::unique_ptr<LivePredictor> predictor_;
  std::optional<trainer::RunRequest> goingOn_;
};

}  // namespace dw::ui
