// SPDX-License-Identifier: GPL-3.0-or-later
#include "pictures/sample_strip.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "numbers/number_text.h"
#include "theme/colors.h"

namespace dw::ui {
namespace {

constexpr int kGap = 16, kSmallGap = 2;
constexpr int kLeast = 72, kMost = 240;  // side of the large picture
constexpr int kMostChannelsShown = 64;

}  // namespace

SampleStrip::SampleStrip(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("sampleStrip"));
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void SampleStrip::setLook(const data::pictures::RgbProjection& projection, float limit) {
  projection_ = projection;
  limit_ = limit;
  for (int i = 0; i < entries_.size(); ++i) paintPictures(i);
  update();
}

void SampleStrip::setEntries(const QList<StripEntry>& entries) {
  const bool otherCount = entries.size() != entries_.size();
  entries_ = entries;
  pictures_.assign(static_cast<std::size_t>(entries_.size()), {});
  for (int i = 0; i < entries_.size(); ++i) paintPictures(i);
  if (otherCount) updateGeometry();
  update();
}

void SampleStrip::setEntry(int index, const StripEntry& entry) {
  if (index < 0 || index >= entries_.size()) return;
  entries_[index] = entry;
  paintPictures(index);
  update();
}

int SampleStrip::channelCount() const {
  std::int64_t most = 0;
  for (const auto& entry : entries_) most = std::max(most, entry.values.channels);
  return static_cast<int>(std::min<std::int64_t>(most, kMostChannelsShown));
}

int SampleStrip::channelColumns() const { return std::max(1, static_cast<int>(std::ceil(std::sqrt(channelCount())))); }

int SampleStrip::headHeight() const { return 2 * fontMetrics().height() + 4; }

/// Side of the large picture: channels under it take as much height as it does.
int SampleStrip::sideFor(int width, int height) const {
  const int count = std::max(1, static_cast<int>(entries_.size()));
  const int byWidth = (width - (count - 1) * kGap) / count;
  const int byHeight = height > 0 ? (height - headHeight() - kSmallGap) / (channelCount() > 1 ? 2 : 1) : kMost;
  return std::clamp(std::min(byWidth, byHeight), kLeast, kMost);
}

int SampleStrip::heightForWidth(int) const { return headHeight() + (channelCount() > 1 ? 2 : 1) * kLeast; }
QSize SampleStrip::sizeHint() const { return {480, headHeight() + 2 * 140}; }
QSize SampleStrip::minimumSizeHint() const {
  return {static_cast<int>(entries_.size()) * (kLeast + kGap), headHeight() + (channelCount() > 1 ? 2 : 1) * kLeast};
}

QRect SampleStrip::pictureRect(int entry, int channel) const {
  const int side = sideFor(width(), height());
  const int x = entry * (side + kGap), y = headHeight();
  if (channel < 0) return {x, y, side, side};
  const int columns = channelColumns();
  const int small = (side - (columns - 1) * kSmallGap) / columns;
  return {x + channel % columns * (small + kSmallGap), y + side + kSmallGap + channel / columns * (small + kSmallGap),
          small, small};
}

QImage SampleStrip::pictureOf(int entry, int channel) const {
  const auto& pictures = pictures_.at(static_cast<std::size_t>(entry));
  return channel < 0 ? pictures.colours.toImage() : pictures.channels.at(static_cast<std::size_t>(channel)).toImage();
}

void SampleStrip::paintPictures(int index) {
  const auto& entry = entries_[index];
  auto& pictures = pictures_[static_cast<std::size_t>(index)];
  pictures.channels.clear();
  pictures.colours = paintTile(entry.colours, {PreviewKind::Colour, 0, limit_, projection_});
  if (!entry.values.values) return;
  const auto shown = std::min<std::int64_t>(entry.values.channels, kMostChannelsShown);
  for (std::int64_t c = 0; c < shown && entry.values.channels > 1; ++c)
    pictures.channels.push_back(paintTileChannel(entry.values, c, limit_));
}

void SampleStrip::draw(QPainter& painter) const {
  const auto& colors = theme::colorsFor(palette());
  const int line = fontMetrics().height();
  for (int i = 0; i < entries_.size(); ++i) {
    const auto& entry = entries_[i];
    const QRect large = pictureRect(i, -1);
    const auto text = [&](int y, const QColor& color, const QString& words) {
      painter.setPen(color);
      painter.drawText(QRect(large.left(), y, large.width() + kGap - 2, line), Qt::AlignLeft | Qt::AlignVCenter,
                       fontMetrics().elidedText(words, Qt::ElideRight, large.width() + kGap - 2));
    };
    text(0, colors.text, entry.title);
    text(line, colors.muted, entry.note);
    const auto& pictures = pictures_[static_cast<std::size_t>(i)];
    if (pictures.colours.isNull()) {
      painter.setPen(QPen(colors.border, 1.0, Qt::DashLine));
      painter.drawRect(large.adjusted(0, 0, -1, -1));
      continue;
    }
    painter.drawPixmap(large, pictures.colours);
    for (std::size_t c = 0; c < pictures.channels.size(); ++c)
      painter.drawPixmap(pictureRect(i, static_cast<int>(c)), pictures.channels[c]);
  }
}

void SampleStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  draw(painter);
}

void SampleStrip::mouseMoveEvent(QMouseEvent* event) {
  for (int i = 0; i < entries_.size(); ++i) {
    const auto& tile = entries_[i].values;
    if (!tile.values) continue;
    for (int channel = -1; channel < channelCount(); ++channel) {
      const QRect rect = pictureRect(i, channel);
      if (!rect.contains(event->pos())) continue;
      const auto row = (event->pos().y() - rect.top()) * tile.height / rect.height();
      const auto column = (event->pos().x() - rect.left()) * tile.width / rect.width();
      QStringList values;
      for (std::int64_t c = std::max(0, channel);
           c < (channel < 0 ? std::min<std::int64_t>(tile.channels, 4) : channel + 1); ++c) {
        values << shortNumber(static_cast<double>(tile.plane(c)[static_cast<std::size_t>(row * tile.width + column)]));
      }
      const QString place =
          channel < 0
              ? tr("%1, row %2, column %3: ").arg(entries_[i].title).arg(row).arg(column)
              : tr("%1, channel %2, row %3, column %4: ").arg(entries_[i].title).arg(channel).arg(row).arg(column);
      return Q_EMIT hovered(place + values.join(QStringLiteral("; ")));
    }
  }
  Q_EMIT hovered({});
}

void SampleStrip::leaveEvent(QEvent*) { Q_EMIT hovered({}); }

void SampleStrip::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) updateGeometry();
}

}  // namespace dw::ui
