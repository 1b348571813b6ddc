// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace dw::ui {

class CheckUpView;
class DatasetSession;
class SampleDetail;
class SampleGrid;
class ViewBar;

/// What the data looks like: the grid of samples, one sample in large, the check-up.
class DataPage : public QWidget {
  Q_OBJECT

 public:
  explicit DataPage(DatasetSession* session, QWidget* parent = nullptr);

 Q_SIGNALS:
  void openRequested();
  void demoRequested();
  /// Factor for the recipe's data.scale.
  void scaleChosen(double scale);

 private:
  QWidget* buildEmpty();
  QWidget* buildContent();
  void connectAll();
  void showDataset();
  void showCurrent();
  void showHeader();

  DatasetSession* session_;
  QStackedWidget* stack_ = nullptr;
  QLabel* emptyText_ = nullptr;
  QLabel* name_ = nullptr;
  QLabel* facts_ = nullptr;
  ViewBar* bar_ = nullptr;
  SampleGrid* grid_ = nullptr;
  QTabWidget* side_ = nullptr;
  SampleDetail* detail_ = nullptr;
  CheckUpView* checkUp_ = nullptr;
};

}  // namespace dw::ui
