// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/flow_layout.h"

#include <algorithm>

namespace dw::ui {

FlowLayout::~FlowLayout() { qDeleteAll(items_); }

QLayoutItem* FlowLayout::takeAt(int index) {
  return index >= 0 && index < items_.size() ? items_.takeAt(index) : nullptr;
}

void FlowLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  place(rect.marginsRemoved(contentsMargins()), true);
}

QSize FlowLayout::minimumSize() const {
  QSize size;
  for (const auto* item : items_) size = size.expandedTo(item->minimumSize());
  return size.grownBy(contentsMargins());
}

QSize FlowLayout::sizeHint() const {
  int width = 0, height = 0;
  for (const auto* item : items_) {
    if (item->isEmpty()) continue;
    width += item->sizeHint().width() + gap_;
    height = std::max(height, item->sizeHint().height());
  }
  return QSize(std::max(0, width - gap_), height).grownBy(contentsMargins());
}

int FlowLayout::heightForWidth(int width) const {
  const auto margins = contentsMargins();
  return place(QRect(0, 0, width - margins.left() - margins.right(), 0), false) + margins.top() + margins.bottom();
}

int FlowLayout::place(const QRect& rect, bool move) const {
  int row = 0;  // first item of the row
  int top = rect.top();
  while (row < items_.size()) {
    int end = row, width = 0, height = 0;
    for (; end < items_.size(); ++end) {
      const auto* item = items_[end];
      if (item->isEmpty()) continue;
      const int wider = width + (width > 0 ? gap_ : 0) + item->sizeHint().width();
      if (width > 0 && wider > rect.width()) break;
      width = wider;
      height = std::max(height, item->sizeHint().height());
    }
    int x = rect.left();
    for (int i = row; move && i < end; ++i) {
      if (items_[i]->isEmpty()) continue;
      const QSize size = items_[i]->sizeHint().boundedTo(QSize(rect.width(), height));
      items_[i]->setGeometry(QRect(QPoint(x, top + (height - size.height()) / 2), size));
      x += size.width() + gap_;
    }
    top += height + (end < items_.size() ? gap_ : 0);
    row = end;
  }
  return top - rect.top();
}

}  // namespace dw::ui
