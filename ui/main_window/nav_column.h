// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace dw::ui {

/// The column of pages on the left: one button each, the shown page checked.
class NavColumn : public QWidget {
  Q_OBJECT

 public:
  explicit NavColumn(QWidget* parent = nullptr);
  /// Appends a page; its index is the number of pages before it. name: objectName of its button.
  void addPage(const QString& name, const QString& icon, const QString& text, const QString& shortcut);
  void setCurrent(int index);

 Q_SIGNALS:
  void chosen(int index);

 private:
  QButtonGroup* group_;
  QVBoxLayout* column_;
};

}  // namespace dw::ui
