// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "run_library/run_summary.h"

namespace dw::ui {

/// The list of runs as a table. Rows keep their identity from one list to the next, so that a selection survives.
class RunsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Name, State, Steps, Loss, Best, Size, Data, Recipe, Started, kColumns };
  enum Role { FolderRole = Qt::UserRole, SortRole, ArchivedRole, SearchRole };

  using QAbstractTableModel::QAbstractTableModel;

  void setRuns(const std::vector<run_library::RunSummary>& runs);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  static QString text(const run_library::RunSummary& run, int column);
  static QVariant sortValue(const run_library::RunSummary& run, int column);
  static QString toolTip(const run_library::RunSummary& run, int column);

  std::vector<run_library::RunSummary> rows_;
};

}  // namespace dw::ui
