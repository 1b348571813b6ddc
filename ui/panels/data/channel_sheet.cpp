// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/channel_sheet.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

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
  setMouseTracking(true);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void ChannelSheet::setSample(const SampleValues& sample, const QString& label) {
  const bool sameShape = sample.shown.channels + 1 == pictureCount() && sample.height == sample_.height && sample.width == sample_.width;
  sample_ = sample;
  label_ = label;
  pictures_.clear();
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
  for (std::int64_t c = 0; c < sample_.shown.channels; ++c) pictures_.push_back(paintTileChannel(sample_.shown, c, look_.limit));
}

void ChannelSheet::clear() {
  sample_ = {};
  pictures_.clear();
  updateGeometry();
  update();
}

void ChannelSheet::setRoom(int height) {
  if (height == room_) return;
  room_ = height;
  updateGeometry();
  update();
}

ChannelSheet::Layout ChannelSheet::layoutFor(int width) const {
  const int count = std::max(1, pictureCount());
  const double aspect = sample_.width > 0 ? std::clamp(static_cast<double>(sample_.height) / static_cast<double>(sample_.width), 0.125, 8.0) : 1.0;
  const auto sized = [&](int side) { return QSize(side, static_cast<int>(side * aspect)); };
  int columns = std::clamp((width + kGap) / (kWanted + kGap), 1, count);
  int side = std::min((width - (columns - 1) * kGap) / columns, 2 * kWanted);
  const auto heightOf = [&] { return (count + columns - 1) / columns * (sized(side).height() + fontMetrics().height() + kGap); };
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
  const int rows = (pictureCount() + layout.columns - 1) / layout.columns;
  return rows * (layout.picture.height() + fontMetrics().height() + kGap);
}

QSize ChannelSheet::sizeHint() const { return {3 * kWanted, heightForWidth(std::max(width(), kWanted))}; }

QRect ChannelSheet::pictureRect(int channel) const {
  const auto layout = layoutFor(width());
  const int index = channel + 1;
  const int rowHeight = layout.picture.height() + fontMetrics().height() + kGap;
  return {QPoint(index % layout.columns * (layout.picture.width() + kGap),
                 index / layout.columns * rowHeight + fontMetrics().height()),
          layout.picture};
}

void ChannelSheet::paintEvent(QPaintEvent*) {
  if (pictures_.empty() && pictureCount() > 0) repaintPictures();
  QPainter painter(this);
  painter.setPen(theme::colorsFor(palette()).muted);
  for (int i = 0; i < pictureCount(); ++i) {
    const QRect rect = pictureRect(i - 1);
    const QRect caption(rect.left(), rect.top() - fontMetrics().height() - 2, rect.width(), fontMetrics().height());
    const QString text = i > 0 ? tr("channel %1").arg(i - 1) : approximate_ ? tr("≈ colours") : tr("colours");
    painter.drawText(caption, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(text, Qt::ElideRight, caption.width()));
    painter.drawPixmap(rect, pictures_[static_cast<std::size_t>(i)]);
  }
}

void ChannelSheet::mouseMoveEvent(QMouseEvent* event) {
  for (int channel = -1; channel < pictureCount() - 1; ++channel) {
    const QRect rect = pictureRect(channel);
    if (!rect.contains(event->pos())) continue;
    const PointedAt place{.sample = sample_.sample, .channel = channel,
                          .row = (event->pos().y() - rect.top()) * sample_.height / rect.height(),
                          .column = (event->pos().x() - rect.left()) * sample_.width / rect.width(),
                          .channels = sample_.channels, .block = 1, .label = label_};
    return Q_EMIT hovered(readoutText(place, [&](std::int64_t c) {
      return static_cast<double>((*sample_.values)[static_cast<std::size_t>((c * sample_.height + place.row) * sample_.width + place.column)]);
    }));
  }
  Q_EMIT hovered({});
}

void ChannelSheet::leaveEvent(QEvent*) { Q_EMIT hovered({}); }

}  // namespace dw::ui
