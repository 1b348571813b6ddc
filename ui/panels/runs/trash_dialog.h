// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QPointer>
#include <vector>

#include "run_library/trash.h"

class QLabel;
class QMessageBox;
class QPushButton;
class QTableWidget;

namespace dw::ui {

class RunsSession;
class RunTransfer;

/// What lies in the trash of the runs, with sizes: bring back, or delete for good.
class TrashDialog : public QDialog {
  Q_OBJECT

 public:
  TrashDialog(RunsSession* session, RunTransfer* transfer, QWidget* parent = nullptr);

 private:
  void layOut();
  void take(const std::vector<run_library::TrashedRun>& all);
  void showButtons();
  std::vector<run_library::TrashedRun> chosen() const;
  void ask(const std::vector<run_library::TrashedRun>& which);

  RunsSession* session_;
  RunTransfer* transfer_;
  std::vector<run_library::TrashedRun> all_;
  QTableWidget* table_ = nullptr;
  QLabel* total_ = nullptr;
  QPushButton* restore_ = nullptr;
  QPushButton* delete_ = nullptr;
  QPushButton* empty_ = nullptr;
  QPointer<QMessageBox> question_;
};

}  // namespace dw::ui
