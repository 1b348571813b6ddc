// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

#include "session/training/metrics_history.h"

class QCheckBox;
class QLabel;
class QPushButton;

namespace dw::ui {

class OverlayChart;

/// A run in an OverlayPlot.
struct OverlayRun {
  QString key;   ///< its folder
  QString name;  ///< in the legend
  bool operator==(const OverlayRun&) const = default;
};

/// Smoothed losses of several runs over their steps in one chart, with a legend; they may grow. Dragging moves, the wheel
/// zooms the steps, Ctrl + wheel the loss, double click shows everything again.
class OverlayPlot : public QWidget {
  Q_OBJECT

 public:
  explicit OverlayPlot(QWidget* parent = nullptr);
  ~OverlayPlot() override;

  /// Which runs, in the order of their colours. Curves of runs that stay are kept.
  void setRuns(const QList<OverlayRun>& runs);
  void setHistory(const QString& key, const MetricsHistory& history);
  /// The points of history from this index on.
  void append(const QString& key, const MetricsHistory& history, std::size_t from);
  std::size_t pointCount(const QString& key) const;
  /// A line above the chart.
  void setTitle(const QString& title);
  /// What an empty plot says.
  void setEmptyText(const QString& text);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void showEmpty();

  OverlayChart* chart_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* empty_ = nullptr;
  QCheckBox* logY_ = nullptr;
  QPushButton* fit_ = nullptr;
};

}  // namespace dw::ui
