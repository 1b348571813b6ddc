// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QTimer>
#include <utility>
#include <vector>

#include "panels/data/tile_cache.h"
#include "panels/data/view_options.h"

namespace dw::ui {

class DatasetSession;

/// All samples as a grid of small pictures. Only cells on the screen exist: it asks the session for the pictures that
/// are seen and not known yet, so 119,829 samples scroll like ten.
class SampleGrid : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit SampleGrid(DatasetSession* session, QWidget* parent = nullptr);

  void setOptions(const ViewOptions& options);
  /// Forgets everything: another dataset.
  void reset();
  qint64 current() const { return current_; }
  void setCurrent(qint64 sample);
  /// Samples that the check-up found unfit, in rising order: their captions say so.
  void setBadSamples(std::vector<std::int64_t> samples);
  /// Cells per row; pictures held.
  int columns() const { return columns_; }
  qsizetype cachedPictures() const { return cache_.size(); }
  /// Where a sample's cell is in the viewport; may lie outside of it.
  QRect cellRect(qint64 sample) const;
  /// The sample at a point of the viewport; -1 if none.
  qint64 sampleAt(const QPoint& point) const;

 Q_SIGNALS:
  void currentChanged(qint64 sample);
  /// What is under the cursor, in words; empty when it is over nothing.
  void hovered(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  bool viewportEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  static constexpr int kGap = 8;
  static constexpr int kCacheKb = 64 * 1024;

  qint64 samples() const;
  PreviewWish wishFor(qint64 sample) const { return {.sample = sample, .crop = options_.crop}; }
  void takePreview(const PreviewWish& wish, const PreviewTile& tile);
  void applyLook();
  void layOut();
  void wishVisible();
  qint64 contentY() const;
  std::pair<qint64, qint64> visibleSamples() const;
  void paintCell(QPainter* painter, qint64 sample);
  QString readoutAt(const QPoint& point) const;

  DatasetSession* session_;
  ViewOptions options_;
  TileCache cache_{kCacheKb};  // of the present crop
  std::vector<std::int64_t> bad_;
  QTimer wishSoon_;
  QSize picture_;  // logical size of one picture
  QSize cell_;     // picture, caption and gap
  int columns_ = 1;
  qint64 perUnit_ = 1;  // pixels per unit of the scroll bar: its range is an int, the content may be longer
  qint64 current_ = -1;
};

}  // namespace dw::ui
