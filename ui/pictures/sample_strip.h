// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPixmap>
#include <QWidget>
#include <vector>

#include "pictures/tile_painter.h"

namespace dw::ui {

/// One sample in a strip.
struct StripEntry {
  QString title;        ///< above it: "x₀ × 0.707"
  QString note;         ///< below the title, quieter; may be empty
  PreviewTile values;   ///< channels are painted from these
  PreviewTile colours;  ///< and the approximate colours from these (scale of the file)
};

/// Samples beside each other: of each its approximate colours in large, and under that every channel in small, all with the
/// same limits. Pointing tells the value. Changing one entry repaints that one only.
class SampleStrip : public QWidget {
  Q_OBJECT

 public:
  explicit SampleStrip(QWidget* parent = nullptr);

  void setLook(const data::pictures::RgbProjection& projection, float limit);
  void setEntries(const QList<StripEntry>& entries);
  /// Ignored beyond the entries there are.
  void setEntry(int index, const StripEntry& entry);
  const QList<StripEntry>& entries() const { return entries_; }
  /// Where a picture is; channel -1 = the colours.
  QRect pictureRect(int entry, int channel) const;
  /// What the last painting drew; for tests.
  QImage pictureOf(int entry, int channel) const;
  void draw(QPainter& painter) const;

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  /// "x_t, channel 2, row 5, column 7: -0.731"; empty when the cursor is over nothing.
  void hovered(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Pictures {
    QPixmap colours;
    std::vector<QPixmap> channels;
  };
  int sideFor(int width, int height) const;
  int headHeight() const;
  int channelColumns() const;
  int channelCount() const;
  void paintPictures(int index);

  QList<StripEntry> entries_;
  std::vector<Pictures> pictures_;
  data::pictures::RgbProjection projection_;
  float limit_ = 3.0F;
};

}  // namespace dw::ui
