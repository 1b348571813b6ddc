// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

#include "run_library/run_summary.h"

namespace dw::ui {

class RunWatch;

/// What is known about one run, as a small table: the list's summary, and over it what its watch saw a moment ago.
class RunFacts : public QLabel {
  Q_OBJECT

 public:
  explicit RunFacts(QWidget* parent = nullptr);
  /// watch may be null.
  void setRun(const run_library::RunSummary& run, const RunWatch* watch);
};

}  // namespace dw::ui
