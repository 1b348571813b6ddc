// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

class QComboBox;
class QLabel;
class QToolButton;

namespace dw::ui {

class RunsSession;
class RunWatch;
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
  void showCheckpoints();
  void askForFolder();

  RunsSession* runs_;
  TrainingSession* training_;
  std::unique_ptr<RunWatch> watch_;
  QLabel* label_ = nullptr;
  QComboBox* run_ = nullptr;
  QComboBox* checkpoint_ = nullptr;
  QToolButton* browse_ = nullptr;
  QString wanted_;       ///< run to be chosen when its list is there
  QString own_;          ///< checkpoint that was asked for by its folder: stays in the list whatever the run says
  bool newest_ = true;   ///< take what is newest
  bool watching_ = false;
};

}  // namespace dw::ui
