// SPDX-License-Identifier: GPL-3.0-or-later
#include "pictures/picture_sheet.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>
#include <algorithm>

#include "pictures/picture_file.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {

constexpr int kGap = 12;
constexpr int kFrame = 4;  // that the mark of the chosen picture needs around it

int columnsOf(int width, const QSize& cell) { return std::max(1, (width + kGap) / (cell.width() + kGap)); }

}  // namespace

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

void PictureSheet::setPicture(int index, const QPixmap& picture) {
  if (index < 0 || index >= cells_.size()) return;
  auto& shown = cells_[index].picture;
  const bool sameShape = shownWidth(shown) == shownWidth(picture);
  shown = picture;
  if (!sameShape) updateGeometry();
  update(sameShape ? pictureRect(index) : rect());
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

int PictureSheet::shownWidth(const QPixmap& picture) const {
  return picture.isNull() ? height_ : picture.width() * height_ / std::max(1, picture.height());
}

QSize PictureSheet::cellSize() const {
  int width = height_;
  for (const auto& cell : cells_) width = std::max(width, shownWidth(cell.picture));
  return {width, height_ + captionHeight()};
}

int PictureSheet::columnsFor(int width) const { return columnsOf(width, cellSize()); }

int PictureSheet::heightForWidth(int width) const {
  const int columns = columnsFor(width);
  const int rows = (static_cast<int>(cells_.size()) + columns - 1) / columns;
  return rows * (cellSize().height() + kGap);
}

QSize PictureSheet::sizeHint() const { return {600, heightForWidth(std::max(width(), 300))}; }

QRect PictureSheet::pictureRect(int index) const { return pictureRect(index, cellSize()); }

QRect PictureSheet::pictureRect(int index, const QSize& cell) const {
  const int columns = columnsOf(width(), cell);
  const int line = cell.height() - height_;  // of the caption
  return {index % columns * (cell.width() + kGap), index / columns * (cell.height() + kGap) + line,
          shownWidth(cells_[index].picture), height_};
}

void PictureSheet::draw(QPainter& painter, const QRect& part) const {
  const auto& colors = theme::colorsFor(palette());
  const QSize cell = cellSize();
  const int line = cell.height() - height_;
  for (int i = 0; i < cells_.size(); ++i) {
    const QRect rect = pictureRect(i, cell);
    const QRect whole(rect.left(), rect.top() - line, cell.width(), cell.height());
    if (!part.intersects(whole.adjusted(-kFrame, -kFrame, kFrame, kFrame))) continue;
    painter.setPen(colors.text);
    if (line > 0) {
      painter.drawText(QRect(whole.left(), whole.top(), whole.width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                       fontMetrics().elidedText(cells_[i].caption, Qt::ElideRight, whole.width()));
    }
    painter.drawPixmap(rect, cells_[i].picture);
    if (choosing_ && i == current_) {
      painter.setPen(QPen(colors.accent, 3.0));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(rect.adjusted(-2, -2, 2, 2));
    }
  }
}

bool PictureSheet::writeTo(const QString& path) const {
  const QSize size(width(), std::max(1, heightForWidth(width())));
  return writePicture(path, size, palette().color(QPalette::Window), [&](QPainter& painter) {
    painter.setFont(font());
    draw(painter, QRect(QPoint(), size));
  });
}

void PictureSheet::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  draw(painter, event->rect());
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
