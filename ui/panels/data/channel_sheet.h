// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <QWidget>
#include <vector>

#include "panels/data/tile_cache.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// One sample in large: the approximate colours, then every channel, as many beside each other as fit well. A click, or the
/// keyboard, makes one picture as large as the room allows and brings all back. Tells which value is under the cursor.
class ChannelSheet : public QWidget {
  Q_OBJECT

 public:
  explicit ChannelSheet(QWidget* parent = nullptr);
  /// label: of its class, for the readout.
  void setSample(const SampleValues& sample, const QString& label);
  /// Colours of what is shown, and of what will be.
  void setLook(const TileLook& look, bool approximate);
  void clear();

  /// Height that is there without scrolling; pictures are made smaller to fit into it, down to a size that is still seen.
  void setRoom(int height);
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;
  /// Where the picture of a channel is; channel -1 = the colours. Empty while another one is enlarged.
  QRect pictureRect(int channel) const;
  bool isEnlarged() const { return enlarged_; }

 Q_SIGNALS:
  /// "sample 3, circle, channel 2, row 5, column 7: -0.731"; empty when the cursor is over nothing.
  void hovered(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  /// Size of one picture and pictures per row for a width.
  struct Layout {
    int columns = 1;
    QSize picture;
  };
  Layout layoutFor(int width) const;
  Layout enlargedLayout(int width) const;

  void repaintPictures();
  void choose(int picture, bool enlarged);
  QString captionOf(int picture) const;
  double aspect() const;  ///< height / width of a picture
  int pictureCount() const { return sample_.values ? static_cast<int>(sample_.shown.channels) + 1 : 0; }

  SampleValues sample_;
  QString label_;
  TileLook look_;
  bool approximate_ = true;
  int room_ = 0;
  int current_ = 0;                // picture that the keyboard is at; 0 = the colours, 1 = channel 0
  bool enlarged_ = false;          // only the current one is shown
  std::vector<QPixmap> pictures_;  // colours first, then channels; empty = to be painted
};

}  // namespace dw::ui
