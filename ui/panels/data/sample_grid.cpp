// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/sample_grid.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

#include "numbers/number_text.h"
#include "panels/data/readout.h"
#include "session/dataset/dataset_session.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {
constexpr double kMostGrowth = 1.5;  // one wide picture in a wide window must not fill it
}  // namespace

SampleGrid::SampleGrid(DatasetSession* session, QWidget* parent) : QAbstractScrollArea(parent), session_(session) {
  setObjectName(QStringLiteral("sampleGrid"));
  setAccessibleName(tr("Samples"));
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFrameShape(QFrame::NoFrame);
  viewport()->setBackgroundRole(QPalette::Base);
  viewport()->setMouseTracking(true);
  // One wish per round of events, however many things moved.
  wishSoon_.setSingleShot(true);
  wishSoon_.setInterval(0);
  connect(&wishSoon_, &QTimer::timeout, this, &SampleGrid::wishVisible);
  connect(session_, &DatasetSession::previewReady, this, &SampleGrid::takePreview);
  connect(session_, &DatasetSession::projectionReady, this, &SampleGrid::applyLook);
  connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this] {
    viewport()->update();
    wishSoon_.start();
  });
}

qint64 SampleGrid::samples() const { return session_->isOpen() ? session_->source()->info().samples : 0; }

void SampleGrid::setOptions(const ViewOptions& options) {
  if (options == options_) return;
  if (options.crop != options_.crop) cache_.clear();  // other numbers; all else is only painted anew
  const bool sameLayout =
      options.tile == options_.tile && options.kind == options_.kind && options.crop == options_.crop;
  const qint64 anchor = visibleSamples().first;
  options_ = options;
  applyLook();
  if (sameLayout) return;
  layOut();
  // What was in the top row stays there.
  verticalScrollBar()->setValue(static_cast<int>(anchor / columns_ * cell_.height() / perUnit_));
}

void SampleGrid::reset() {
  cache_.clear();
  bad_.clear();
  applyLook();
  current_ = samples() > 0 ? 0 : -1;
  layOut();
  verticalScrollBar()->setValue(0);
}

void SampleGrid::layOut() {
  const qint64 total = samples();
  int pictureWidth = options_.tile;
  if (total > 0) {
    const auto& info = session_->source()->info();
    const double aspect = static_cast<double>(info.width) / static_cast<double>(std::max<std::int64_t>(1, info.height));
    pictureWidth = static_cast<int>(options_.tile * std::clamp(aspect, 0.125, 8.0));
    if (options_.kind == PreviewKind::AllChannels)
      pictureWidth *= static_cast<int>(std::min<std::int64_t>(info.channels, 256));
  }
  const int room = std::max(64, viewport()->width() - kGap);
  pictureWidth = std::min(pictureWidth, room - kGap);
  columns_ = std::max(1, room / (pictureWidth + kGap));
  // Pictures grow until the row is full: the wish is the least size, and no edge of the page lies idle.
  const double fill = static_cast<double>(room / columns_ - kGap) / std::max(1, pictureWidth);
  const double grow = std::clamp(fill, 1.0, kMostGrowth);
  picture_ = QSize(static_cast<int>(pictureWidth * grow), static_cast<int>(options_.tile * grow));
  cell_ = picture_ + QSize(kGap, kGap + fontMetrics().height() + 2);
  const qint64 height = (total + columns_ - 1) / columns_ * cell_.height() + kGap;
  perUnit_ = height / 1'000'000'000 + 1;
  verticalScrollBar()->setRange(0, static_cast<int>(std::max<qint64>(0, height - viewport()->height()) / perUnit_));
  verticalScrollBar()->setPageStep(static_cast<int>(std::max<qint64>(1, viewport()->height() / perUnit_)));
  verticalScrollBar()->setSingleStep(static_cast<int>(std::max<qint64>(1, cell_.height() / 2 / perUnit_)));
  viewport()->update();
  wishSoon_.start();
}

qint64 SampleGrid::contentY() const { return verticalScrollBar()->value() * perUnit_; }

QRect SampleGrid::cellRect(qint64 sample) const {
  const qint64 y = kGap + sample / columns_ * cell_.height() - contentY();
  const qint64 safeY = std::clamp<qint64>(y, -1'000'000'000, 1'000'000'000);
  return {kGap + static_cast<int>(sample % columns_) * cell_.width(), static_cast<int>(safeY), cell_.width() - kGap,
          cell_.height() - kGap};
}

qint64 SampleGrid::sampleAt(const QPoint& point) const {
  if (point.x() < kGap || point.x() >= kGap + columns_ * cell_.width()) return -1;
  const qint64 sample =
      (contentY() + point.y() - kGap) / cell_.height() * columns_ + (point.x() - kGap) / cell_.width();
  return sample >= 0 && sample < samples() && cellRect(sample).contains(point) ? sample : -1;
}

std::pair<qint64, qint64> SampleGrid::visibleSamples() const {
  const qint64 first = std::max<qint64>(0, contentY() - kGap) / cell_.height() * columns_;
  const qint64 rows = viewport()->height() / cell_.height() + 2;
  return {first, std::min(samples(), first + rows * columns_)};
}

void SampleGrid::wishVisible() {
  QList<PreviewWish> wishes;
  const auto [first, last] = visibleSamples();
  for (qint64 sample = first; sample < last; ++sample) {
    if (!cache_.contains(sample)) wishes.append(wishFor(sample));
  }
  session_->wishPreviews(wishes);
}

void SampleGrid::takePreview(const PreviewWish& wish, const PreviewTile& tile) {
  if (!(wish == wishFor(wish.sample))) return;  // of the crop of a moment ago
  cache_.insert(tile);
  viewport()->update(cellRect(wish.sample));
}

void SampleGrid::applyLook() {
  if (!session_->isOpen()) return;
  cache_.setLook({options_.kind, options_.channel, options_.limit, session_->projection(options_.colours)});
  viewport()->update();
}

void SampleGrid::setBadSamples(std::vector<std::int64_t> samples) {
  bad_ = std::move(samples);
  viewport()->update();
}

void SampleGrid::paintEvent(QPaintEvent* event) {
  QPainter painter(viewport());
  const auto [first, last] = visibleSamples();
  for (qint64 sample = first; sample < last; ++sample) {
    if (cellRect(sample).adjusted(-4, -4, 4, 4).intersects(event->rect())) paintCell(&painter, sample);
  }
}

void SampleGrid::paintCell(QPainter* painter, qint64 sample) {
  const auto& colors = theme::colorsFor(palette());
  const QRect cell = cellRect(sample);
  const QRect picture(cell.topLeft(), picture_);
  if (const auto* pixmap = cache_.picture(sample)) {
    // Latents are coarse: enlarged, their pixels are shown as squares, not blurred into a detail that is not there.
    painter->setRenderHint(QPainter::SmoothPixmapTransform, pixmap->height() > picture.height() * devicePixelRatioF());
    painter->drawPixmap(picture, *pixmap);
  } else {
    painter->fillRect(picture, colors.alternate);
  }
  if (sample == current_) {
    painter->setPen(QPen(hasFocus() ? colors.accent : colors.muted, 2));
    painter->drawRect(picture.adjusted(-2, -2, 2, 2));
  }
  const QString label = session_->labelOf(sample);
  const bool bad = std::binary_search(bad_.begin(), bad_.end(), sample);
  QString caption = label.isEmpty() ? count(sample) : QStringLiteral("%1 %2").arg(count(sample), label);
  if (bad) caption.prepend(QStringLiteral("⚠ "));
  painter->setPen(bad ? colors.error : sample == current_ ? colors.text : colors.muted);
  const QRect textRect(cell.left(), picture.bottom() + 3, cell.width(), cell.bottom() - picture.bottom());
  painter->drawText(textRect, Qt::AlignLeft | Qt::AlignTop,
                    fontMetrics().elidedText(caption, Qt::ElideRight, textRect.width()));
}

void SampleGrid::setCurrent(qint64 sample) {
  if (samples() == 0) return;
  sample = std::clamp<qint64>(sample, 0, samples() - 1);
  const QRect cell = cellRect(sample);
  if (cell.top() < kGap) {
    verticalScrollBar()->setValue(static_cast<int>((contentY() + cell.top() - kGap) / perUnit_));
  } else if (cell.bottom() > viewport()->height()) {
    verticalScrollBar()->setValue(
        static_cast<int>((contentY() + cell.bottom() - viewport()->height() + kGap) / perUnit_ + 1));
  }
  if (sample == current_) return;
  current_ = sample;
  setAccessibleDescription(tr("Sample %1").arg(count(sample)));
  viewport()->update();
  Q_EMIT currentChanged(current_);
}

void SampleGrid::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layOut();
}

void SampleGrid::keyPressEvent(QKeyEvent* event) {
  const qint64 page = std::max(1, viewport()->height() / cell_.height()) * qint64{columns_};
  switch (event->key()) {
    case Qt::Key_Left: return setCurrent(current_ - 1);
    case Qt::Key_Right: return setCurrent(current_ + 1);
    case Qt::Key_Up: return setCurrent(current_ >= columns_ ? current_ - columns_ : current_);
    case Qt::Key_Down: return setCurrent(current_ + columns_ < samples() ? current_ + columns_ : current_);
    case Qt::Key_PageUp: return setCurrent(current_ - page);
    case Qt::Key_PageDown: return setCurrent(current_ + page);
    case Qt::Key_Home: return setCurrent(0);
    case Qt::Key_End: return setCurrent(samples() - 1);
    default: QAbstractScrollArea::keyPressEvent(event);
  }
}

void SampleGrid::mousePressEvent(QMouseEvent* event) {
  const qint64 sample = sampleAt(event->pos());
  if (sample >= 0 && event->button() == Qt::LeftButton) setCurrent(sample);
}

void SampleGrid::mouseMoveEvent(QMouseEvent* event) { Q_EMIT hovered(readoutAt(event->pos())); }

QString SampleGrid::readoutAt(const QPoint& point) const {
  const qint64 sample = sampleAt(point);
  const auto* tile = sample < 0 ? nullptr : cache_.tile(sample);
  const QPoint inside = point - cellRect(std::max<qint64>(0, sample)).topLeft();
  if (!tile || inside.x() >= picture_.width() || inside.y() >= picture_.height()) return {};
  const auto across = options_.kind == PreviewKind::AllChannels ? tile->channels * tile->width : tile->width;
  const auto x = inside.x() * across / picture_.width();
  PointedAt place{.sample = sample,
                  .channel = -1,
                  .row = inside.y() * tile->height / picture_.height(),
                  .column = x % tile->width,
                  .channels = tile->channels,
                  .block = tile->block,
                  .label = session_->labelOf(sample)};
  if (options_.kind == PreviewKind::AllChannels) place.channel = x / tile->width;
  if (options_.kind == PreviewKind::OneChannel) place.channel = std::min(options_.channel, tile->channels - 1);
  return readoutText(place, [&](std::int64_t channel) {
    return static_cast<double>(tile->plane(channel)[static_cast<std::size_t>(place.row * tile->width + place.column)]);
  });
}

bool SampleGrid::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::Leave) Q_EMIT hovered({});
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const qint64 sample = sampleAt(help->pos());
    const QString label = sample < 0 ? QString() : session_->labelOf(sample);
    QToolTip::showText(help->globalPos(), sample < 0        ? QString()
                                          : label.isEmpty() ? tr("Sample %1").arg(count(sample))
                                                            : tr("Sample %1: %2").arg(count(sample), label));
    return true;
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void SampleGrid::focusInEvent(QFocusEvent*) { viewport()->update(); }
void SampleGrid::focusOutEvent(QFocusEvent*) { viewport()->update(); }

}  // namespace dw::ui
