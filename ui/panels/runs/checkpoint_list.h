// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>

#include "session/runs/run_watch.h"

class QLabel;
class QPushButton;
class QTableView;

namespace dw::ui {

class CheckpointModel;
class RunTransfer;

/// The checkpoints of the selected run, and what may be done with them.
class CheckpointList : public QWidget {
  Q_OBJECT

 public:
  explicit CheckpointList(RunTransfer* transfer, QWidget* parent = nullptr);
  /// Null: none.
  void setWatch(RunWatch* watch);
  /// Shown only where somebody takes branchRequested.
  void setBranchable(bool branchable);
  /// The same for samplesRequested.
  void setSampleable(bool sampleable);

 Q_SIGNALS:
  /// A new run shall begin from this checkpoint.
  void branchRequested(const QString& checkpointFolder);
  /// Samples shall be drawn from it.
  void samplesRequested(const QString& checkpointFolder);
  /// Its weights shall be written as a file for others.
  void weightsRequested(const QString& checkpointFolder);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildTable();
  void takeCheckpoints();
  void showButtons();
  const CheckpointRow* current() const;

  RunTransfer* transfer_;
  QPointer<RunWatch> watch_;
  CheckpointModel* model_ = nullptr;
  QTableView* table_ = nullptr;
  QLabel* empty_ = nullptr;
  QPushButton* samples_ = nullptr;
  QPushButton* branch_ = nullptr;
  QPushButton* weights_ = nullptr;
  QPushButton* verify_ = nullptr;
};

}  // namespace dw::ui
