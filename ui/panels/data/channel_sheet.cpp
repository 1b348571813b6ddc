// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/channel_sheet.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "panels/data/pixels.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {
constexpr int kGap = 8;
constexpr int kWanted = 112;  // a picture is about this wide
}  // namespace

ChannelSheet::ChannelSheet(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("channelSheet"));
  setAccessibleName(tr("Channels of the sample"));
  setMouseTracking(true);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void ChannelSheet::setSample(const SampleValues& sample) {
  const bool sameShape = sample.pictures.size() + 1 == pictures_.size();
  sample_ = sample;
  pictures_.clear();
  pictures_.push_back(pixmapFrom(sample.colour));
  for (const auto& picture : sample.pictures) pictures_.push_back(pixmapFrom(picture));
  if (!sameShape) updateGeometry();
  update();
}

void ChannelSheet::clear() {
  sample_ = {};
  pictures_.clear();
  updateGeometry();
  update();
}

ChannelSheet::Layout ChannelSheet::layoutFor(int width) const {
  const int count = std::max<int>(1, static_cast<int>(pictures_.size()));
  const int columns = std::clamp((width + kGap) / (kWanted + kGap), 1, count);
  const int side = std::min((width - (columns - 1) * kGap) / columns, 2 * kWanted);
  const double aspect = sample_.width > 0 ? static_cast<double>(sample_.height) / static_cast<double>(sample_.width) : 1.0;
  return {columns, QSize(side, static_cast<int>(side * std::clamp(aspect, 0.125, 8.0)))};
}

int ChannelSheet::heightForWidth(int width) const {
  if (pictures_.empty()) return 0;
  const auto layout = layoutFor(width);
  const int rows = (static_cast<int>(pictures_.size()) + layout.columns - 1) / layout.columns;
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
  QPainter painter(this);
  painter.setPen(theme::colorsFor(palette()).muted);
  for (int i = 0; i < static_cast<int>(pictures_.size()); ++i) {
    const QRect rect = pictureRect(i - 1);
    const QRect caption(rect.left(), rect.top() - fontMetrics().height() - 2, rect.width(), fontMetrics().height());
    const QString text = i == 0 ? tr("approx. colours") : tr("channel %1").arg(i - 1);
    painter.drawText(caption, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(text, Qt::ElideRight, caption.width()));
    painter.drawPixmap(rect, pictures_[static_cast<std::size_t>(i)]);
  }
}

void ChannelSheet::mouseMoveEvent(QMouseEvent* event) {
  for (int channel = -1; channel < static_cast<int>(sample_.pictures.size()); ++channel) {
    const QRect rect = pictureRect(channel);
    if (!rect.contains(event->pos())) continue;
    const auto column = (event->pos().x() - rect.left()) * sample_.width / rect.width();
    const auto row = (event->pos().y() - rect.top()) * sample_.height / rect.height();
    QString text = tr("row %1, column %2: ").arg(row).arg(column);
    const auto valueAt = [&](std::int64_t c) {
      return (*sample_.values)[static_cast<std::size_t>((c * sample_.height + row) * sample_.width + column)];
    };
    if (channel >= 0) return Q_EMIT hovered(tr("channel %1, ").arg(channel) + text + shortNumber(valueAt(channel)));
    QStringList values;
    for (std::int64_t c = 0; c < std::min<std::int64_t>(sample_.channels, 4); ++c) values << shortNumber(valueAt(c));
    if (sample_.channels > 4) values << QStringLiteral("…");
    return Q_EMIT hovered(text + values.join(QStringLiteral("  ")));
  }
  Q_EMIT hovered({});
}

void ChannelSheet::leaveEvent(QEvent*) { Q_EMIT hovered({}); }

}  // namespace dw::ui
