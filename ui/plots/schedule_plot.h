// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPointF>
#include <QString>
#include <QWidget>

#include "schedule/noise_schedule.h"

namespace dw::ui {

class ScheduleChart;

/// A noise schedule over t in four charts: beta, alpha-bar, the two square roots, log SNR; a second one dashed over it. A
/// line marks t; pressing and dragging in a chart moves it.
class SchedulePlot : public QWidget {
  Q_OBJECT

 public:
  explicit SchedulePlot(QWidget* parent = nullptr);
  ~SchedulePlot() override;

  /// compared: may be null. The names stand in the legend while there are two.
  void setSchedules(const schedule::NoiseSchedule& main, const QString& name, const schedule::NoiseSchedule* compared,
                    const QString& comparedName);
  /// Points (share of T, alpha-bar) that may be dragged in the chart of alpha-bar; a double click there adds one, a right
  /// click takes one away. Empty = the curve is not drawn by hand.
  void setHandles(const QList<QPointF>& handles);
  /// Where handle i is, in the plot's coordinates.
  QPoint handlePosition(const QPointF& handle) const;
  /// Moves the line; draws no curve again.
  void setTime(qint64 t);
  qint64 time() const { return t_; }
  /// Points that the curves are drawn with; for tests.
  int pointCount() const;
  /// Where t is in chart i (0..3), in the plot's coordinates.
  QPoint positionOf(int chart, qint64 t) const;

  /// Draws the charts into a file, as writeChart does: SVG or PDF by its ending, else PNG. False if it cannot be written.
  bool exportTo(const QString& path);

 Q_SIGNALS:
  void timePicked(qint64 t);
  void handleMoved(int index, const QPointF& point);
  void handleAdded(const QPointF& point);
  void handleRemoved(int index);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  ScheduleChart* chart_ = nullptr;
  qint64 t_ = 0;
};

}  // namespace dw::ui
