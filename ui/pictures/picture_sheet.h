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
  /// Another picture in that cell; only this cell is painted again, unless the picture has another shape.
  void setPicture(int index, const QPixmap& picture);
  /// Height of one picture in logical pixels.
  void setPictureHeight(int height);
  void setChoosing(bool on);
  int current() const { return current_; }
  void setCurrent(int index);
  QRect pictureRect(int index) const;

  /// Writes the whole sheet into a picture file (pictures/picture_file.h). False if it cannot be written.
  bool writeTo(const QString& path) const;
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
  /// What of the sheet lies in `part`.
  void draw(QPainter& painter, const QRect& part) const;
  int columnsFor(int width) const;
  QSize cellSize() const;
  int shownWidth(const QPixmap& picture) const;
  QRect pictureRect(int index, const QSize& cell) const;
  int captionHeight() const;

  QList<Cell> cells_;
  int height_ = 96;
  int current_ = -1;
  bool choosing_ = false;
};

}  // namespace dw::ui
