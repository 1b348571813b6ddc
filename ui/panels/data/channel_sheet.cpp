// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/channel_sheet.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <utility>

#include "panels/data/readout.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {
constexpr int kGap = 8;
constexpr int kWanted = 112;  // a picture is about this wide
constexpr int kLeast = 64;
}  // namespace

ChannelSheet::ChannelSheet(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("channelSheet"));
  setAccessibleName(tr("Channels of the sample"));
  setToolTip(
      tr("Click a picture to enlarge it (Enter); the arrow keys go through the channels, Escape shows all again"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void ChannelSheet::setSample(const SampleValues& sample, const QString& label) {
  const bool sameShape =
      sample.shown.channels + 1 == pictureCount() && sample.height == sample_.height && sample.width == sample_.width;
  sample_ = sample;
  label_ = label;
  pictures_.clear();
  if (current_ >= pictureCount()) choose(0, false);
  if (!sameShape) updateGeometry();
  update();
}

void ChannelSheet::setLook(const TileLook& look, bool approximate) {
  look_ = look;
  look_.kind = PreviewKind::Colour;
  approximate_ = approximate;
  pictures_.clear();
  update();
}

void ChannelSheet::repaintPictures() {
  pictures_.push_back(paintTile(sample_.shown, look_));
  for (std::int64_t c = 0; c < sample_.shown.channels; ++c)
    pictures_.push_back(paintTileChannel(sample_.shown, c, look_.limit));
}

void ChannelSheet::clear() {
  sample_ = {};
  pictures_.clear();
  current_ = 0;
  enlarged_ = false;
  updateGeometry();
  update();
}

void ChannelSheet::setRoom(int height) {
  if (height == room_) return;
  room_ = height;
  updateGeometry();
  update();
}

double ChannelSheet::aspect() const {
  return sample_.width > 0
             ? std::clamp(static_cast<double>(sample_.height) / static_cast<double>(sample_.width), 0.125, 8.0)
             : 1.0;
}

/// As large as the width and the room allow, but no smaller than among the others.
ChannelSheet::Layout ChannelSheet::enlargedLayout(int width) const {
  const int room = room_ > 0 ? room_ - fontMetrics().height() - kGap : width;
  const int side = std::max(kLeast, std::min(width, static_cast<int>(room / aspect())));
  return {1, QSize(side, static_cast<int>(side * aspect()))};
}

ChannelSheet::Layout ChannelSheet::layoutFor(int width) const {
  if (enlarged_) return enlargedLayout(width);
  const int count = std::max(1, pictureCount());
  const auto sized = [&](int side) { return QSize(side, static_cast<int>(side * aspect())); };
  int columns = std::clamp((width + kGap) / (kWanted + kGap), 1, count);
  int side = std::min((width - (columns - 1) * kGap) / columns, 2 * kWanted);
  const auto heightOf = [&] {
    return (count + columns - 1) / columns * (sized(side).height() + fontMetrics().height() + kGap);
  };
  const Layout wanted{columns, sized(side)};
  while (room_ > 0 && heightOf() > room_ && side > kLeast) {
    --side;
    columns = std::clamp((width + kGap) / (side + kGap), 1, count);
  }
  return room_ <= 0 || heightOf() <= room_ ? Layout{columns, sized(side)} : wanted;  // too many channels: they scroll
}

int ChannelSheet::heightForWidth(int width) const {
  if (pictureCount() == 0) return 0;
  const auto layout = layoutFor(width);
  const int rows = enlarged_ ? 1 : (pictureCount() + layout.columns - 1) / layout.columns;
  return rows * (layout.picture.height() + fontMetrics().height() + kGap);
}

QSize ChannelSheet::sizeHint() const { return {3 * kWanted, heightForWidth(std::max(width(), kWanted))}; }

QRect ChannelSheet::pictureRect(int channel) const {
  if (enlarged_ && channel + 1 != current_) return {};
  const auto layout = layoutFor(width());
  const int index = enlarged_ ? 0 : channel + 1;
  const int rowHeight = layout.picture.height() + fontMetrics().height() + kGap;
  return {QPoint(index % layout.columns * (layout.picture.width() + kGap),
                 index / layout.columns * rowHeight + fontMetrics().height()),
          layout.picture};
}

QString ChannelSheet::captionOf(int picture) const {
  return picture > 0 ? tr("channel %1").arg(picture - 1) : approximate_ ? tr("≈ colours") : tr("colours");
}

void ChannelSheet::paintEvent(QPaintEvent*) {
  if (pictures_.empty() && pictureCount() > 0) repaintPictures();
  QPainter painter(this);
  for (int i = 0; i < pictureCount(); ++i) {
    const QRect rect = pictureRect(i - 1);
    if (rect.isEmpty()) continue;
    const QRect caption(rect.left(), rect.top() - fontMetrics().height() - 2, rect.width(), fontMetrics().height());
    painter.setPen(theme::colorsFor(palette()).muted);
    painter.drawText(caption, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(captionOf(i), Qt::ElideRight, caption.width()));
    painter.drawPixmap(rect, pictures_[static_cast<std::size_t>(i)]);
    if (i != current_ || !hasFocus()) continue;
    painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
    painter.drawRect(rect.adjusted(1, 1, -1, -1));
  }
}

void ChannelSheet::choose(int picture, bool enlarged) {
  current_ = std::clamp(picture, 0, std::max(0, pictureCount() - 1));
  if (std::exchange(enlarged_, enlarged) != enlarged) updateGeometry();
  update();
}

void ChannelSheet::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return QWidget::mouseReleaseEvent(event);
  for (int i = 0; i < pictureCount(); ++i) {
    if (pictureRect(i - 1).contains(event->pos())) return choose(i, !enlarged_);
  }
}

void ChannelSheet::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up: return choose(current_ - 1, enlarged_);
    case Qt::Key_Right:
    case Qt::Key_Down: return choose(current_ + 1, enlarged_);
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: return choose(current_, !enlarged_);
    case Qt::Key_Escape:
      if (enlarged_) return choose(current_, false);
      break;
    default: break;
  }
  QWidget::keyPressEvent(event);
}

void ChannelSheet::mouseMoveEvent(QMouseEvent* event) {
  for (int channel = -1; channel < pictureCount() - 1; ++channel) {
    const QRect rect = pictureRect(channel);
    if (!rect.contains(event->pos())) continue;
    const PointedAt place{.sample = sample_.sample,
                          .channel = channel,
                          .row = (event->pos().y() - rect.top()) * sample_.height / rect.height(),
                          .column = (event->pos().x() - rect.left()) * sample_.width / rect.width(),
                          .channels = sample_.channels,
                          .block = 1,
                          .label = label_};
    return Q_EMIT hovered(readoutText(place, [&](std::int64_t c) {
      return static_cast<double>(
          (*sample_.values)[static_cast<std::size_t>((c * sample_.height + place.row) * sample_.width + place.column)]);
    }));
  }
  Q_EMIT hovered({});
}

void ChannelSheet::leaveEvent(QEvent*) { Q_EMIT hovered({}); }

}  // namespace dw::ui
