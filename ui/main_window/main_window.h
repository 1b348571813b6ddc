// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <functional>

#include "cards/card_stack.h"
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
class StartPage;
class TrainingSession;

/// Places the run bar, the pages, the cards and the status line, and carries requests between them. It knows no more
/// about training or data than the sessions say.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  enum Page { Start, Data, Train, Runs };

  MainWindow(TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, theme::Theme* theme);

  void showPage(int page);
  /// A dataset file, a run folder, or "demo".
  void openAnything(const QString& path);
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
  QWidget* makeRunsPage();
  void buildMenus();
  void buildThemeMenu(QMenu* menu);
  void connectDataset();
  void connectTraining();
  void chooseFile();
  void resumeRun(const QString& folder);
  /// A new run from a checkpoint, with the recipe and the data of the checkpoint's run.
  void branchFrom(const QString& checkpoint);
  /// Starts what makeRequest makes of the run in that folder, and shows the Train page with the run's data.
  void goOnWith(const QString& folder, const std::function<run::RunRequest(const run::RunDescription&)>& makeRequest);
  void showEnd();
  void showActions();
  void restore();

  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  theme::Theme* theme_;
  ClosingGuard* guard_;
  RunBar* runBar_ = nullptr;
  NavColumn* nav_ = nullptr;
  QStackedWidget* pages_ = nullptr;
  StartPage* start_ = nullptr;
  CardStack* cards_ = nullptr;
  QAction* primary_ = nullptr;
  QAction* stop_ = nullptr;
  QAction* save_ = nullptr;
};

}  // namespace dw::ui
