// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/histogram_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "numbers/number_text.h"
#include "panels/data/tile_cache.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {

constexpr int kSide = 10;  // room for the handles at the edges
constexpr int kStripHeight = 8;
constexpr int kReach = 9;  // pixels from a handle within which a press takes it
constexpr float kKeyStep = 0.02F, kPageStep = 0.2F;
constexpr int kStripPixels = 256;

std::vector<double> heights(const std::vector<std::uint64_t>& counts) {
  // The outermost bins hold all that lies beyond; as high as they are they would flatten the rest.
  const auto most = *std::max_element(counts.begin() + 1, counts.end() - 1);
  std::vector<double> result;
  for (const auto count : counts) {
    result.push_back(most > 0 ? std::sqrt(std::min(1.0, static_cast<double>(count) / static_cast<double>(most))) : 0.0);
  }
  return result;
}

}  // namespace

HistogramView::HistogramView(QWidget* parent) : QWidget(parent), strip_(colourLegend(kStripPixels)) {
  setObjectName(QStringLiteral("histogram"));
  setAccessibleName(tr("Values and colour limits"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setToolTip(tr(
      "How often values occur. Drag a handle, or use the arrow keys, to set the colour limits; double click or Home: "
      "99.5 % of the values lie within them."));
}

QSize HistogramView::sizeHint() const { return {320, 66 + 2 * fontMetrics().height()}; }
QSize HistogramView::minimumSizeHint() const { return {160, sizeHint().height()}; }

void HistogramView::setDataset(std::shared_ptr<const data::ValueHistogram> histogram, bool whole) {
  dataset_ = std::move(histogram);
  whole_ = whole;
  recount();
}

void HistogramView::setSample(std::shared_ptr<const data::ValueHistogram> histogram) {
  sample_ = std::move(histogram);
  recount();
}

void HistogramView::setChannel(std::int64_t channel) {
  if (channel_ == channel) return;
  channel_ = channel;
  recount();
}

void HistogramView::recount() {
  bars_ = dataset_ ? heights(dataset_->counts(channel_)) : std::vector<double>();
  const bool fits = sample_ && dataset_ && sample_->range() == dataset_->range();  // an answer for the dataset before
  line_ = fits ? heights(sample_->counts(channel_)) : std::vector<double>();
  update();
}

void HistogramView::setLimit(float limit) {
  if (limit == limit_) return;
  limit_ = limit;
  setAccessibleDescription(
      tr("from %1 to %2").arg(shortNumber(-static_cast<double>(limit)), shortNumber(static_cast<double>(limit))));
  update();
}

QRect HistogramView::plotRect() const {
  const int line = fontMetrics().height();
  return {kSide, line + 2, width() - 2 * kSide, height() - 2 * line - kStripHeight - 6};
}

int HistogramView::xOf(float value) const {
  const QRect plot = plotRect();
  const float share = std::clamp((value / range() + 1.0F) * 0.5F, 0.0F, 1.0F);
  return plot.left() + static_cast<int>(std::lround(share * static_cast<float>(plot.width() - 1)));
}

bool HistogramView::isAtHandle(const QPoint& point) const {
  return std::min(std::abs(point.x() - xOf(limit_)), std::abs(point.x() - xOf(-limit_))) <= kReach;
}

void HistogramView::choose(float limit) {
  limit = std::clamp(limit, range() / 500.0F, std::max(range(), limit_));
  if (limit == limit_) return;
  setLimit(limit);
  Q_EMIT limitChanged(limit);
}

void HistogramView::mousePressEvent(QMouseEvent* event) {
  dragging_ = event->button() == Qt::LeftButton && isAtHandle(event->pos());
}

void HistogramView::mouseMoveEvent(QMouseEvent* event) {
  setCursor(dragging_ || isAtHandle(event->pos()) ? Qt::SizeHorCursor : Qt::ArrowCursor);
  if (!dragging_) return;
  const QRect plot = plotRect();
  const float share =
      static_cast<float>(event->pos().x() - plot.left()) / static_cast<float>(std::max(1, plot.width() - 1));
  choose(std::min(range(), std::abs(share * 2.0F - 1.0F) * range()));
}

void HistogramView::mouseReleaseEvent(QMouseEvent*) { dragging_ = false; }

void HistogramView::mouseDoubleClickEvent(QMouseEvent*) {
  dragging_ = false;
  Q_EMIT resetRequested();
}

void HistogramView::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down: return choose(limit_ * (1.0F - kKeyStep));
    case Qt::Key_Right:
    case Qt::Key_Up: return choose(limit_ * (1.0F + kKeyStep));
    case Qt::Key_PageDown: return choose(limit_ * (1.0F - kPageStep));
    case Qt::Key_PageUp: return choose(limit_ * (1.0F + kPageStep));
    case Qt::Key_Home: return Q_EMIT resetRequested();
    default: QWidget::keyPressEvent(event);
  }
}

void HistogramView::paintEvent(QPaintEvent*) {
  const auto& colors = theme::colorsFor(palette());
  QPainter painter(this);
  const QRect plot = plotRect();
  painter.setPen(colors.muted);
  const QString whose = channel_ < 0 ? tr("all channels") : tr("channel %1").arg(channel_);
  const QString text =
      whole_ ? tr("values of the dataset, %1").arg(whose) : tr("values of a few samples, %1").arg(whose);
  const QString mine = tr("— this sample");
  const int mineWidth = fontMetrics().horizontalAdvance(mine);
  const QRect top(plot.left(), 0, plot.width(), fontMetrics().height());
  painter.drawText(top, Qt::AlignLeft, fontMetrics().elidedText(text, Qt::ElideRight, top.width() - mineWidth - 8));
  if (!line_.empty()) {
    painter.setPen(colors.accent);
    painter.drawText(top, Qt::AlignRight, mine);
  }
  paintBars(&painter, plot);
  paintLine(&painter, plot);
  paintStrip(&painter, plot);
  paintHandles(&painter, plot);
  if (hasFocus()) {
    painter.setPen(QPen(colors.accent, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void HistogramView::paintBars(QPainter* painter, const QRect& plot) const {
  const auto& colors = theme::colorsFor(palette());
  const auto bins = static_cast<int>(bars_.size());
  for (int i = 0; i < bins; ++i) {
    const double value = bars_[static_cast<std::size_t>(i)];
    if (value <= 0.0) continue;
    const int left = plot.left() + i * plot.width() / bins, right = plot.left() + (i + 1) * plot.width() / bins;
    const int high = std::max(1, static_cast<int>(value * plot.height()));
    painter->fillRect(left, plot.bottom() + 1 - high, std::max(1, right - left), high,
                      colors.border.darker(colors.dark ? 70 : 115));
  }
  painter->setPen(colors.border);
  painter->drawLine(plot.bottomLeft() + QPoint(0, 1), plot.bottomRight() + QPoint(0, 1));
}

void HistogramView::paintLine(QPainter* painter, const QRect& plot) const {
  if (line_.empty()) return;
  QPainterPath path;
  for (std::size_t i = 0; i < line_.size(); ++i) {
    const double x = plot.left() + (static_cast<double>(i) + 0.5) * plot.width() / static_cast<double>(line_.size());
    const QPointF point(x, plot.bottom() + 1 - line_[i] * plot.height());
    if (i == 0) path.moveTo(point);
    path.lineTo(point);
  }
  painter->setRenderHint(QPainter::Antialiasing, true);
  painter->setPen(QPen(theme::colorsFor(palette()).accent, 1));
  painter->drawPath(path);
  painter->setRenderHint(QPainter::Antialiasing, false);
}

void HistogramView::paintStrip(QPainter* painter, const QRect& plot) {
  const int left = xOf(-limit_), right = xOf(limit_), y = plot.bottom() + 3;
  const QImage ends = strip_.toImage();
  painter->fillRect(plot.left(), y, left - plot.left(), kStripHeight, ends.pixelColor(0, 0));
  painter->fillRect(right, y, plot.right() + 1 - right, kStripHeight, ends.pixelColor(ends.width() - 1, 0));
  painter->drawPixmap(QRect(left, y, std::max(1, right - left), kStripHeight), strip_);
}

void HistogramView::paintHandles(QPainter* painter, const QRect& plot) const {
  const auto& colors = theme::colorsFor(palette());
  const int bottom = plot.bottom() + 3 + kStripHeight;
  for (const float value : {-limit_, limit_}) {
    const int x = xOf(value);
    painter->setPen(QPen(colors.text, 1));
    painter->drawLine(x, plot.top(), x, bottom);
    painter->setRenderHint(QPainter::Antialiasing, true);
    painter->setBrush(hasFocus() || dragging_ ? colors.accent : colors.text);
    painter->setPen(Qt::NoPen);
    painter->drawRoundedRect(QRectF(x - 3.5, plot.top() + plot.height() / 2 - 8, 8, 16), 3, 3);
    painter->setRenderHint(QPainter::Antialiasing, false);
    const QString text = shortNumber(static_cast<double>(value));
    const int wide = fontMetrics().horizontalAdvance(text) + 2;
    const int from = std::clamp(x - wide / 2, 0, std::max(0, width() - wide));
    painter->setPen(colors.muted);
    painter->drawText(QRect(from, bottom + 1, wide, fontMetrics().height()), Qt::AlignCenter, text);
  }
  const int zero = xOf(0.0F), wide = fontMetrics().horizontalAdvance(QLatin1Char('0')) + 2;
  if (xOf(limit_) - zero > 4 * wide)
    painter->drawText(QRect(zero - wide / 2, bottom + 1, wide, fontMetrics().height()), Qt::AlignCenter,
                      QStringLiteral("0"));
}

}  // namespace dw::ui
