// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

class QComboBox;

namespace dw::ui {

class RunsSession;
class RunWatch;
class TrainingSession;

/// Which checkpoint of which run. The run under way comes first and is chosen by itself; its newest checkpoint is taken
/// until the user takes another one.
class CheckpointChoice : public QWidget {
  Q_OBJECT

 public:
  CheckpointChoice(RunsSession* runs, TrainingSession* training, QWidget* parent = nullptr);
  ~CheckpointChoice() override;

  /// Folder of the checkpoint; empty where there is none.
  QString folder() const;
  QString run() const;
  /// Chooses this one, of whatever run.
  void choose(const QString& checkpoint);
  /// Looks at the disk only while it is seen.
  void setWatching(bool watching);

 Q_SIGNALS:
  void changed();
  void runChanged();

 private:
  void showRuns();
  void watchRun();
  void showCheckpoints();

  RunsSession* runs_;
  TrainingSession* training_;
  std::unique_ptr<RunWatch> watch_;
  QComboBox* run_ = nullptr;
  QComboBox* checkpoint_ = nullptr;
  QString wanted_;       ///< to be chosen when its list is there
  bool newest_ = true;   ///< take what is newest
  bool watching_ = false;
};

}  // namespace dw::ui
