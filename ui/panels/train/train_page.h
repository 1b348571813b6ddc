// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QSplitter;
class QToolButton;

namespace dw::ui {

class DatasetSession;
class LabSession;
class LossPlot;
class RecipeDraft;
class RecipeForm;
class TrainingSession;
class WhatIfDialog;

/// Train page: the live loss plot as its one main view, the recipe form beside it, a line of figures above.
class TrainPage : public QWidget {
  Q_OBJECT

 public:
  TrainPage(TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, QWidget* parent = nullptr);

  LossPlot* plot() const { return plot_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void layOut();
  void connectAll();
  void showSummary();
  void showEmptyText();
  void openWhatIf();

  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  QLabel* summary_ = nullptr;
  LossPlot* plot_ = nullptr;
  RecipeForm* form_ = nullptr;
  QSplitter* splitter_ = nullptr;
  QToolButton* formButton_ = nullptr;
  LabSession* lab_;
  WhatIfDialog* whatIf_ = nullptr;  // once it was opened
  bool wasNarrow_ = false;
  QTimer refresh_;
};

}  // namespace dw::ui
