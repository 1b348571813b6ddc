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
class LossPlot;
class RecipeDraft;
class RecipeForm;
class TimestepPlot;
class TrainingSession;

/// Train page: one main view (the live loss, or the loss by timestep), the recipe form beside it, a line of figures above.
class TrainPage : public QWidget {
  Q_OBJECT

 public:
  TrainPage(TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, QWidget* parent = nullptr);

  LossPlot* plot() const { return plot_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void layOut();
  QWidget* makeViewButtons();
  void connectAll();
  void showTimesteps();
  void showSummary();
  void showEmptyText();

  TrainingSession* session_;
  RecipeDraft* draft_;
  DatasetSession* dataset_;
  QLabel* summary_ = nullptr;
  LossPlot* plot_ = nullptr;
  TimestepPlot* timesteps_ = nullptr;
  QStackedWidget* views_ = nullptr;
  RecipeForm* form_ = nullptr;
  QSplitter* splitter_ = nullptr;
  QToolButton* formButton_ = nullptr;
  bool wasNarrow_ = false;
  QTimer refresh_;
};

}  // namespace dw::ui
