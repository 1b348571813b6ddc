// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPointF>
#include <QRect>
#include <QWidget>
#include <optional>

namespace dw::ui {

/// The hover line and dot, in a transparent widget over a chart: moving the mouse repaints these few pixels instead of
/// drawing the curves again.
class ChartCursor : public QWidget {
  Q_OBJECT

 public:
  explicit ChartCursor(QWidget* chart);
  /// Line through all rects (widget pixels) at point.x(), dot at point. Empty point: nothing.
  void show(const std::optional<QPointF>& point, const QRect& area);
  void setColors(const QColor& line, const QColor& dot) { line_ = line, dot_ = dot, update(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::optional<QPointF> point_;
  QRect area_;
  QColor line_, dot_;
};

}  // namespace dw::ui
