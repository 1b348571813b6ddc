// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include "plots/qcp.h"
#include "schedule/noise_schedule.h"

namespace dw::ui {

/// The drawing of a SchedulePlot.
class ScheduleChart : public QCustomPlot {
  Q_OBJECT

 public:
  static constexpr int kCharts = 4;

  explicit ScheduleChart(QWidget* parent = nullptr);

  void setSchedules(const schedule::NoiseSchedule& main, const QString& name, const schedule::NoiseSchedule* compared,
                    const QString& comparedName);
  void setTime(qint64 t);
  /// Points (share of T, alpha-bar) that may be dragged in the chart of alpha-bar; empty = none.
  void setHandles(const QList<QPointF>& handles);
  /// Where a handle is drawn.
  QPointF placeOf(const QPointF& handle) const;
  /// Charts beside each other: 4, or 2 where there is little room.
  void arrange(int columns);
  int pointCount() const;
  QPoint positionOf(int chart, qint64 t) const;

 Q_SIGNALS:
  void timePicked(qint64 t);
  void handleMoved(int index, const QPointF& point);
  void handleAdded(const QPointF& point);
  void handleRemoved(int index);

 protected:
  void changeEvent(QEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  /// A curve of one chart: which of its two lines, of which schedule.
  struct Line {
    QCPGraph* graph = nullptr;
    int chart = 0;
    bool dashed = false;  ///< the second schedule
    bool second = false;  ///< the other of two lines in one chart
  };
  class Cursor;

  void build();
  void style();
  void fillLines(const schedule::NoiseSchedule& schedule, bool dashed);
  void pick(const QPointF& place);
  QPointF handleAt(const QPointF& place) const;
  int handleNear(const QPointF& place) const;
  void updateLayout() override;

  std::array<QCPAxisRect*, kCharts> rects_{};
  std::array<QCPTextElement*, kCharts> titles_{};
  std::vector<Line> lines_;
  QString names_;
  Cursor* cursor_ = nullptr;
  double last_ = 1.0;  ///< T - 1
  qint64 t_ = 0;
  QList<QPointF> handles_;
  int grabbed_ = -1;  ///< handle that is dragged
  int columns_ = 0;
  int dragged_ = -1;  ///< chart in which the mouse was pressed
};

}  // namespace dw::ui
