// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <vector>

#include "data/value_histogram.h"

namespace dw::ui {

/// How often values occur: the dataset as filled bars, the sample that is shown as a line over it (both to their own
/// height, square-root scale, so that tails are seen), the colour map under them, and two handles at -limit and +limit.
/// Dragging one moves both. A double click, or Home, asks for the usual limit.
class HistogramView : public QWidget {
  Q_OBJECT

 public:
  explicit HistogramView(QWidget* parent = nullptr);

  /// channel: -1 = all. whole: every sample was read, not only a few.
  void setDataset(std::shared_ptr<const data::ValueHistogram> histogram, bool whole);
  void setSample(std::shared_ptr<const data::ValueHistogram> histogram);
  void setChannel(std::int64_t channel);
  void setLimit(float limit);
  float limit() const { return limit_; }
  /// Where a value is; the left handle is at xOf(-limit()).
  int xOf(float value) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  /// The user drags or types; not sent by setLimit.
  void limitChanged(float limit);
  void resetRequested();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  float range() const { return dataset_ ? dataset_->range() : 1.0F; }
  QRect plotRect() const;
  bool isAtHandle(const QPoint& point) const;
  void choose(float limit);
  void paintBars(QPainter* painter, const QRect& plot) const;
  void paintLine(QPainter* painter, const QRect& plot) const;
  void paintHandles(QPainter* painter, const QRect& plot) const;
  void paintStrip(QPainter* painter, const QRect& plot);
  void recount();

  std::shared_ptr<const data::ValueHistogram> dataset_, sample_;
  std::vector<double> bars_, line_;  // heights 0 .. 1
  QPixmap strip_;
  std::int64_t channel_ = -1;
  float limit_ = 1.0F;
  bool whole_ = false;
  bool dragging_ = false;
};

}  // namespace dw::ui
