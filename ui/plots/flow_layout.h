// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLayout>
#include <QList>

namespace dw::ui {

/// Widgets side by side, going on in another row where the width ends: a bar of controls that fits a narrow window.
class FlowLayout : public QLayout {
 public:
  explicit FlowLayout(int gap, QWidget* parent = nullptr) : QLayout(parent), gap_(gap) {
    setContentsMargins(0, 0, 0, 0);
  }
  ~FlowLayout() override;

  void addItem(QLayoutItem* item) override { items_.append(item); }
  int count() const override { return static_cast<int>(items_.size()); }
  QLayoutItem* itemAt(int index) const override { return items_.value(index); }
  QLayoutItem* takeAt(int index) override;
  Qt::Orientations expandingDirections() const override { return {}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  void setGeometry(const QRect& rect) override;
  QSize minimumSize() const override;
  QSize sizeHint() const override;

 private:
  /// Height of all rows; with `move`, widgets go there.
  int place(const QRect& rect, bool move) const;

  QList<QLayoutItem*> items_;
  int gap_;
};

}  // namespace dw::ui
