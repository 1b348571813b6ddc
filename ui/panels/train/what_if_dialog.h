// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <map>
#include <vector>

#include "run/what_if.h"
#include "session/background_job.h"
#include "session/lab_session.h"
#include "session/metrics_history.h"

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableWidget;

namespace dw::ui {

class DatasetSession;
class OverlayPlot;
class RecipeDraft;
class TrainingSession;

/// Learning rates as the user writes them: numbers, or "x0.3" for a multiple of the present one, separated by commas or spaces.
/// Empty if something in it is no rate above 0.
std::vector<double> ratesIn(const QString& text, double present);

/// What if the rate were another one? Short branches with different rates from the state of the paused run, all on the same
/// batches and noise, drawn over each other; one of them may be adopted. Nothing of the run is touched before that.
class WhatIfDialog : public QDialog {
  Q_OBJECT

 public:
  WhatIfDialog(LabSession* lab, TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, QWidget* parent = nullptr);

 private:
  void layOut();
  void connectAll();
  void pressed();
  void begin();
  void showState();
  void takeSteps(const QList<LabSession::Step>& steps);
  void showResult(const run::WhatIf& result);
  void showFailure(const JobFailure& failure);
  void adopt();
  double presentRate() const;
  QString whyNot() const;

  LabSession* lab_;
  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  QLineEdit* rates_ = nullptr;
  QSpinBox* steps_ = nullptr;
  QPushButton* start_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* words_ = nullptr;
  OverlayPlot* plot_ = nullptr;
  QTableWidget* table_ = nullptr;
  QPushButton* adopt_ = nullptr;
  std::vector<double> tried_;
  std::map<std::size_t, MetricsHistory> curves_;
  bool saving_ = false;  // the paused run is being saved: the branches begin from there
  bool mine_ = false;    // the job under way was asked for here
};

}  // namespace dw::ui
