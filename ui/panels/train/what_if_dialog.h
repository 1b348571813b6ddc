// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <vector>

#include "panels/train/trial_dialog.h"
#include "session/training/metrics_history.h"
#include "trials/what_if.h"

class QLineEdit;
class QSpinBox;
class QTableWidget;

namespace dw::ui {

class OverlayPlot;

/// Learning rates as the user writes them: numbers, or "x0.3" for a multiple of the present one, separated by commas or spaces;
/// between digits, as in "0,001", a comma is a decimal comma (numbers/typed_number.h). Empty if something in it is no rate above 0.
std::vector<double> ratesIn(const QString& text, double present);

/// What if the rate were another one? Short branches with different rates from the state of the paused run, all on the same
/// batches and noise, drawn over each other; one of them may be adopted. Nothing of the run is touched before that.
class WhatIfDialog : public TrialDialog {
  Q_OBJECT

 public:
  WhatIfDialog(TrialSession* trials, TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset,
               QWidget* parent = nullptr);

 protected:
  QString whatIsWrong() const override;
  bool begin(const TrialOrigin& origin) override;
  std::optional<double> chosenRate() const override;
  void enableInputs(bool on) override;

 private:
  void layOut();
  void takeSteps(const QList<TrialSession::Step>& steps);
  void showResult(const trials::WhatIf& result);

  QLineEdit* rates_ = nullptr;
  QSpinBox* steps_ = nullptr;
  OverlayPlot* plot_ = nullptr;
  QTableWidget* table_ = nullptr;
  std::vector<double> tried_;
  std::map<std::size_t, MetricsHistory> curves_;
};

}  // namespace dw::ui
