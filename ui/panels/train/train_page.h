// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace dw::ui {

class DatasetSession;
class TrialSession;
class LivePanel;
class LossPlot;
class PageHost;
class RangeTestDialog;
class RecipeDraft;
class RecipeForm;
class ReshapeBar;
class TimestepPlot;
class TrainingSession;
class WhatIfDialog;
class Workbench;

/// Train page: one main view (the live loss, or the loss by timestep), the recipe form beside it, a line of figures above.
class TrainPage : public QWidget {
  Q_OBJECT

 public:
  TrainPage(TrainingSession* session, TrialSession* trials, RecipeDraft* draft, DatasetSession* dataset,
            QWidget* parent = nullptr);

  LossPlot* plot() const { return plot_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void layOut();
  QWidget* makeViewButtons();
  QWidget* makeTryButton();
  void connectAll();
  void connectLive();
  void showTimesteps();
  void buildOrigin();
  void showOrigin();
  /// The planned rates, or those of the curve that is being edited, into the plot.
  void showAhead();
  void showSummary();
  void showEmptyText();
  void openWhatIf();
  void openRangeTest();

  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  QLabel* summary_ = nullptr;
  QWidget* origin_ = nullptr;  ///< seen while the next run begins with the weights of a file
  QLabel* originText_ = nullptr;
  LossPlot* plot_ = nullptr;
  TimestepPlot* timesteps_ = nullptr;
  QStackedWidget* views_ = nullptr;
  ReshapeBar* reshape_ = nullptr;
  QToolButton* reshapeButton_ = nullptr;
  LivePanel* live_ = nullptr;
  RecipeForm* form_ = nullptr;
  QWidget* side_ = nullptr;
  QSplitter* splitter_ = nullptr;
  QToolButton* formButton_ = nullptr;
  TrialSession* lab_;
  WhatIfDialog* whatIf_ = nullptr;  // once it was opened
  RangeTestDialog* rangeTest_ = nullptr;
  bool wasNarrow_ = false;
  QTimer refresh_;
};

/// The page as it stands in the window.
QWidget* makeTrainPage(Workbench& workbench, PageHost& host);

}  // namespace dw::ui
