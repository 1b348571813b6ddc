// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QToolButton;
class QVBoxLayout;

namespace dw::ui {

/// A heading that opens and closes what lies under it, by mouse, Space or Enter.
class CollapsibleSection : public QWidget {
  Q_OBJECT

 public:
  explicit CollapsibleSection(const QString& title, QWidget* parent = nullptr);
  void add(QWidget* widget);
  void setOpen(bool open);
  bool isOpen() const { return open_; }
  /// Shown behind the title, so that a closed section does not hide that something in it is wrong.
  void setProblemCount(int count);

 private:
  QString title_;
  QToolButton* heading_;
  QWidget* body_;
  QVBoxLayout* column_;
  bool open_ = false;
};

}  // namespace dw::ui
