// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPixmap>
#include <QWidget>

namespace dw::ui {

/// Pictures with captions, in as many columns as fit. One may be chosen where setChoosing says so.
class PictureSheet : public QWidget {
  Q_OBJECT

 public:
  struct Cell {
    QString caption;
    QPixmap picture;
  };

  explicit PictureSheet(QWidget* parent = nullptr);
  void setCells(const QList<Cell>& cells);
  const QList<Cell>& cells() const { return cells_; }
  /// Height of one picture in logical pixels.
  void setPictureHeight(int height);
  void setChoosing(bool on);
  int current() const { return current_; }
  void setCurrent(int index);
  QRect pictureRect(int index) const;

  void draw(QPainter& painter) const;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;

 Q_SIGNALS:
  void chosen(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  int columnsFor(int width) const;
  QSize cellSize() const;
  int captionHeight() const;

  QList<Cell> cells_;
  int height_ = 96;
  int current_ = -1;
  bool choosing_ = false;
};

}  // namespace dw::ui
