// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/chart_cursor.h"

#include <QPainter>

namespace dw::ui {

ChartCursor::ChartCursor(QWidget* chart) : QWidget(chart) {
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setAttribute(Qt::WA_NoSystemBackground);
}

void ChartCursor::show(const std::optional<QPointF>& point, const QRect& area) {
  if (point == point_ && area == area_) return;
  point_ = point;
  area_ = area;
  update();
}

void ChartCursor::paintEvent(QPaintEvent*) {
  if (!point_) return;
  QPainter painter(this);
  painter.setPen(QPen(line_, 1.0, Qt::DotLine));
  painter.drawLine(QPointF(point_->x(), area_.top()), QPointF(point_->x(), area_.bottom()));
  if (!QRectF(area_).contains(*point_)) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(dot_, 2.0));
  painter.setBrush(palette().base());
  painter.drawEllipse(*point_, 4.0, 4.0);
}

}  // namespace dw::ui
