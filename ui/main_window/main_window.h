// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <functional>
#include <optional>

#include "cards/card_stack.h"
#include "inference/backend.h"
#include "run/training_runner.h"
#include "theme/theme.h"

class QAction;
class QStackedWidget;

namespace dw::run {
struct RunDescription;
struct RunRequest;
}  // namespace dw::run

namespace dw::ui {

class ClosingGuard;
class DatasetSession;
class NavColumn;
class RecipeDraft;
class RunBar;
class RunsSession;
class SamplesPage;
class StartPage;
class TrainingSession;

/// Places the run bar, the pages, the cards and the status line, and carries requests between them. It knows no more
/// about training or data than the sessions say.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  enum Page { Start, Data, Noise, Train, Samples, Runs };

  /// backend: what computes beside the trainer.
  MainWindow(TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, theme::Theme* theme, inference::Backend backend = {});

  void showPage(int page);
  /// The Samples page with this checkpoint.
  void openSamples(const QString& checkpoint);
  /// A dataset file, a run folder, or "demo".
  void openAnything(const QString& path);
  /// A run that could not go on because its dataset is gone or another one goes on with this one, if it is the same.
  void goOnWithData(const QString& path);
  /// The next run begins with the weights of this file, and has their model.
  void beginWithWeights(const QString& path);
  /// Presses Train as soon as a dataset is open.
  void trainWhenOpen();
  /// Stops a run, saves, closes; asks nobody.
  void closeCleanly();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void changeEvent(QEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void buildPages();
  QWidget* makeNoisePage();
  QWidget* makeSamplesPage(RunsSession* runs);
  QWidget* makeRunsPage(RunsSession* runs);
  void buildMenus();
  void buildThemeMenu(QMenu* menu);
  void connectDataset();
  void connectTraining();
  void chooseFile();
  /// totalSteps: 0 = as planned.
  void resumeRun(const QString& folder, qint64 totalSteps = 0);
  /// A new run from a checkpoint, with the recipe and the data of the checkpoint's run.
  void branchFrom(const QString& checkpoint);
  /// Starts what makeRequest makes of the run in that folder, and shows the Train page with the run's data.
  void goOnWith(const QString& folder, const std::function<run::RunRequest(const run::RunDescription&)>& makeRequest);
  void chooseMovedData();
  void chooseWeights();
  void showEnd();
  void showFailure(const run::Failed& failure);
  void showActions();
  void restore();

  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  theme::Theme* theme_;
  inference::Backend backend_;
  ClosingGuard* guard_;
  std::optional<run::RunRequest> goingOn_;  ///< that went on with an old run, or branched from one, as long as no new one was begun
  RunBar* runBar_ = nullptr;
  NavColumn* nav_ = nullptr;
  QStackedWidget* pages_ = nullptr;
  StartPage* start_ = nullptr;
  SamplesPage* samples_ = nullptr;
  CardStack* cards_ = nullptr;
  QAction* primary_ = nullptr;
  QAction* stop_ = nullptr;
  QAction* save_ = nullptr;
  QAction* step_ = nullptr;
  QAction* undo_ = nullptr;
  QAction* redo_ = nullptr;
};

}  // namespace dw::ui
