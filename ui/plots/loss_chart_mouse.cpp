// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the loss chart that answers the mouse where QCustomPlot does not: dragging the planned rate, explanations.
#include <QHelpEvent>
#include <QToolTip>

#include "plots/loss_chart.h"

namespace dw::ui {

bool LossChart::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QCustomPlot::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const auto text = data_.size() > 0 ? curves_->explanationAt(data_, help->pos()) : QString();
  if (text.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), text, this);
  event->setAccepted(!text.isEmpty());
  return true;
}

void LossChart::hideEvent(QHideEvent* event) {
  cancelDrag();
  QCustomPlot::hideEvent(event);
}

void LossChart::mousePressEvent(QMouseEvent* event) {
  const bool plain = event->button() == Qt::LeftButton && !event->modifiers().testFlag(Qt::ShiftModifier);
  if (!plain || !handles_->grab(event->position(), data_)) return QCustomPlot::mousePressEvent(event);
  event->accept();
}

void LossChart::mouseMoveEvent(QMouseEvent* event) {
  if (!handles_->isHeld()) {
    if (handles_->isOver(event->position(), data_))
      setCursor(Qt::PointingHandCursor);
    else
      unsetCursor();
    return QCustomPlot::mouseMoveEvent(event);
  }
  Q_EMIT planDragged(handles_->moveTo(event->position(), data_));
  replot(rpQueuedReplot);
  event->accept();
}

void LossChart::mouseReleaseEvent(QMouseEvent* event) {
  if (!handles_->isHeld() || event->button() != Qt::LeftButton) return QCustomPlot::mouseReleaseEvent(event);
  if (handles_->letGo())
    Q_EMIT planDropped();
  else
    Q_EMIT planCancelled();
  replot(rpQueuedReplot);
  event->accept();
}

void LossChart::cancelDrag() {
  if (!handles_->isHeld()) return;
  handles_->cancel();
  Q_EMIT planCancelled();
  replot(rpQueuedReplot);
}

}  // namespace dw::ui
