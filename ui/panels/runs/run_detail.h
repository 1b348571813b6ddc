// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>
#include <optional>

#include "run_library/run_summary.h"
#include "session/runs/run_watch.h"

class QAction;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QToolButton;

namespace dw::ui {

class CheckpointList;
class RunFacts;
class RunsSession;
class RunTransfer;

/// One run: its name (may be changed), facts, note, checkpoints, and everything that may be done with it.
class RunDetail : public QWidget {
  Q_OBJECT

 public:
  enum Export { OneFile, Csv, TensorBoard };

  RunDetail(RunsSession* session, RunTransfer* transfer, QWidget* parent = nullptr);
  /// The same run again: shows what changed, and leaves alone what the user is typing.
  void setRun(const run_library::RunSummary& run, RunWatch* watch);
  /// Saves a note that is being typed.
  void saveNote();
  CheckpointList* checkpoints() const { return checkpoints_; }

 Q_SIGNALS:
  void resumeRequested(const QString& folder);
  /// It did all that was planned.
  void moreStepsRequested(const QString& folder, qint64 done);
  void exportRequested(const QString& folder, int what);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildHead();
  void buildMenu();
  void layOut();
  void rename();
  void showState();
  QString folder() const { return QString::fromStdString(run_.folder.string()); }

  RunsSession* session_;
  RunTransfer* transfer_;
  run_library::RunSummary run_;
  QPointer<RunWatch> watch_;
  QString savedNote_;
  QString askedName_;  ///< being given now: Enter and the loss of focus both end an edit
  QLineEdit* name_ = nullptr;
  QLabel* nameProblem_ = nullptr;
  QPushButton* resume_ = nullptr;
  QToolButton* more_ = nullptr;
  QAction* archive_ = nullptr;
  QAction* trash_ = nullptr;
  QAction* oneFile_ = nullptr;
  RunFacts* facts_ = nullptr;
  QPlainTextEdit* note_ = nullptr;
  CheckpointList* checkpoints_ = nullptr;
};

}  // namespace dw::ui
