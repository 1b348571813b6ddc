// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QStackedWidget;
class QTabWidget;

namespace dw::ui {

class ArrayChooser;
class CheckUpView;
class DatasetSession;
class FileBar;
class HistogramView;
class PageHost;
class SampleDetail;
class SampleGrid;
class ViewBar;
class Workbench;
struct ViewOptions;

/// What the data looks like: the grid of samples, one sample in large, the check-up.
class DataPage : public QWidget {
  Q_OBJECT

 public:
  explicit DataPage(DatasetSession* session, QWidget* parent = nullptr);
  bool eventFilter(QObject* watched, QEvent* event) override;

 Q_SIGNALS:
  void openRequested();
  void demoRequested();
  /// Factor for the recipe's data.scale.
  void scaleChosen(double scale);
  /// This flag of the recipe is wanted, e.g. data.standardize.
  void flagChosen(const QString& key);

 private:
  enum Sheet { Empty, Content, Chooser };

  QWidget* buildEmpty();
  QWidget* buildContent();
  QWidget* buildTop();
  QWidget* buildSide();
  void connectAll();
  void connectSession();
  void showDataset();
  void showCurrent();
  void showHeader();
  void applyOptions(const ViewOptions& options);
  void showSample(qint64 sample);
  void showReadout(const QString& text);
  void takeCheckUp();
  /// Where 99.5 % of the values lie, as far as is known now.
  float usualLimit() const;

  DatasetSession* session_;
  QStackedWidget* stack_ = nullptr;
  ArrayChooser* chooser_ = nullptr;
  QLabel* emptyText_ = nullptr;
  QLabel* name_ = nullptr;
  QLabel* facts_ = nullptr;
  ViewBar* bar_ = nullptr;
  SampleGrid* grid_ = nullptr;
  QTabWidget* side_ = nullptr;
  SampleDetail* detail_ = nullptr;
  CheckUpView* checkUp_ = nullptr;
  QLabel* readout_ = nullptr;
  HistogramView* histogram_ = nullptr;
  qint64 shownSample_ = -1, shownCrop_ = -1;
};

/// The page as it stands in the window.
QWidget* makeDataPage(Workbench& workbench, PageHost& host);

}  // namespace dw::ui
