// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "run_library/run_summary.h"

class QLabel;
class QTableWidget;

namespace dw::ui {

/// Several selected runs: for two of them what differs in their recipes, as a sentence and as a table.
class RunComparison : public QWidget {
  Q_OBJECT

 public:
  explicit RunComparison(QWidget* parent = nullptr);
  /// More than one.
  void setRuns(const std::vector<run_library::RunSummary>& runs);

 private:
  QLabel* title_ = nullptr;
  QLabel* sentence_ = nullptr;
  QTableWidget* table_ = nullptr;
};

}  // namespace dw::ui
