// SPDX-License-Identifier: GPL-3.0-or-later
#include "pictures/picture_sheet.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "theme/colors.h"

namespace dw::ui {
namespace {
constexpr int kGap = 12;
}

PictureSheet::PictureSheet(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("sheetView"));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void PictureSheet::setCells(const QList<Cell>& cells) {
  cells_ = cells;
  if (current_ >= cells_.size()) current_ = cells_.isEmpty() ? -1 : 0;
  updateGeometry();
  update();
}

void PictureSheet::setPictureHeight(int height) {
  height_ = height;
  updateGeometry();
  update();
}

void PictureSheet::setChoosing(bool on) {
  choosing_ = on;
  setFocusPolicy(on ? Qt::StrongFocus : Qt::NoFocus);
}

void PictureSheet::setCurrent(int index) {
  if (index < 0 || index >= cells_.size() || index == current_) return;
  current_ = index;
  update();
  Q_EMIT chosen(index);
}

int PictureSheet::captionHeight() const {
  const bool any = std::any_of(cells_.begin(), cells_.end(), [](const Cell& cell) { return !cell.caption.isEmpty(); });
  return any ? fontMetrics().height() : 0;
}

QSize PictureSheet::cellSize() const {
  int width = height_;
  for (const auto& cell : cells_) {
    if (!cell.picture.isNull()) width = std::max(width, cell.picture.width() * height_ / std::max(1, cell.picture.height()));
  }
  return {width, height_ + captionHeight()};
}

int PictureSheet::columnsFor(int width) const { return std::max(1, (width + kGap) / (cellSize().width() + kGap)); }

int PictureSheet::heightForWidth(int width) const {
  const int columns = columnsFor(width);
  const int rows = (static_cast<int>(cells_.size()) + columns - 1) / columns;
  return rows * (cellSize().height() + kGap);
}

QSize PictureSheet::sizeHint() const { return {600, heightForWidth(std::max(width(), 300))}; }

QRect PictureSheet::pictureRect(int index) const {
  const int columns = columnsFor(width());
  const QSize cell = cellSize();
  const auto& picture = cells_[index].picture;
  const int shown = picture.isNull() ? height_ : picture.width() * height_ / std::max(1, picture.height());
  return {index % columns * (cell.width() + kGap), index / columns * (cell.height() + kGap) + captionHeight(), shown, height_};
}

void PictureSheet::draw(QPainter& painter) const {
  const auto& colors = theme::colorsFor(palette());
  const int line = captionHeight();
  for (int i = 0; i < cells_.size(); ++i) {
    const QRect rect = pictureRect(i);
    painter.setPen(colors.text);
    if (line > 0) {
      painter.drawText(QRect(rect.left(), rect.top() - line, cellSize().width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                       fontMetrics().elidedText(cells_[i].caption, Qt::ElideRight, cellSize().width()));
    }
    painter.drawPixmap(rect, cells_[i].picture);
    if (choosing_ && i == current_) {
      painter.setPen(QPen(colors.accent, 3.0));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(rect.adjusted(-2, -2, 2, 2));
    }
  }
}

void PictureSheet::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  draw(painter);
}

void PictureSheet::mousePressEvent(QMouseEvent* event) {
  if (!choosing_) return QWidget::mousePressEvent(event);
  for (int i = 0; i < cells_.size(); ++i) {
    if (pictureRect(i).contains(event->pos())) setCurrent(i);
  }
}

void PictureSheet::keyPressEvent(QKeyEvent* event) {
  const int columns = columnsFor(width());
  switch (event->key()) {
    case Qt::Key_Left: return setCurrent(current_ - 1);
    case Qt::Key_Right: return setCurrent(current_ + 1);
    case Qt::Key_Up: return setCurrent(current_ - columns);
    case Qt::Key_Down: return setCurrent(current_ + columns);
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace dw::ui
