// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "session/background_job.h"
#include "trials/disk_forecast.h"
#include "trials/dry_run.h"

class QLabel;
class QPushButton;

namespace dw::ui {

class DatasetSession;
class TrialSession;
class RecipeDraft;
class TrainingSession;

/// What the run will take on its disk, against what is free; with a remedy if it will not fit. keep: of the recipe.
QString diskText(const trials::DiskForecast& forecast, std::int64_t keep);

/// One line: a button that tries the draft for a few steps on a copy, and what it found: parameters, time of a step, memory,
/// when the run would be done. A batch that does not fit is answered with one that does, and a button that takes it.
class DryRunCard : public QWidget {
  Q_OBJECT

 public:
  DryRunCard(TrialSession* trials, TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset,
             QWidget* parent = nullptr);

 private:
  void pressed();
  void showState();
  void forget();
  void showResult(const trials::DryRun& result);
  void useFittingBatch();

  TrialSession* trials_;
  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  QPushButton* run_ = nullptr;
  QPushButton* use_ = nullptr;
  QLabel* words_ = nullptr;
  std::optional<trials::DryRun> result_;
  bool asked_ = false;  // a job of ours is under way
};

}  // namespace dw::ui
