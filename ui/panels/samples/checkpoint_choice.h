// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <vector>

#include "session/runs/run_watch.h"

class QComboBox;
class QLabel;
class QToolButton;

namespace dw::ui {

class RunsSession;
class TrainingSession;

/// Which checkpoint of which run. The newest checkpoint of a run is taken until the user takes another one.
class CheckpointChoice : public QWidget {
  Q_OBJECT

 public:
  struct Look {
    QString name;          ///< of the widgets: NAMERun, NAMECheckpoint, NAMEFolder
    QString label;         ///< before the run
    bool follows = false;  ///< a run that begins is chosen by itself
  };

  CheckpointChoice(RunsSession* runs, TrainingSession* training, const Look& look, QWidget* parent = nullptr);
  ~CheckpointChoice() override;

  /// Folder of the checkpoint; empty where there is none.
  QString folder() const;
  QString run() const;
  /// Chooses this one, of whatever run.
  void choose(const QString& checkpoint);
  void setLabel(const QString& label);
  /// Looks at the disk only while it is seen.
  void setWatching(bool watching);

 Q_SIGNALS:
  void changed();
  void runChanged();

 private:
  void build(const Look& look);
  void connectAll(bool follows);
  void showRuns();
  void watchRun();
  /// The watch of the run exists only while this is seen: it polls the disk and reads the whole curve.
  void keepWatch();
  void showCheckpoints();
  void askForFolder();

  RunsSession* runs_;
  TrainingSession* training_;
  std::unique_ptr<RunWatch> watch_;
  QString watched_;                  ///< run whose checkpoints are listed
  std::vector<CheckpointRow> rows_;  ///< as they were last seen
  QLabel* label_ = nullptr;
  QComboBox* run_ = nullptr;
  QComboBox* checkpoint_ = nullptr;
  QToolButton* browse_ = nullptr;
  QString wanted_;      ///< run to be chosen when its list is there
  QString own_;         ///< checkpoint that was asked for by its folder: stays in the list whatever the run says
  bool newest_ = true;  ///< take what is newest
  bool watching_ = false;
};

}  // namespace dw::ui
