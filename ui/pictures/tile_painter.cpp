// SPDX-License-Identifier: GPL-3.0-or-later
#include "pictures/tile_painter.h"

#include <QImage>
#include <algorithm>
#include <vector>

#include "data/pictures/latent_preview.h"

namespace dw::ui {
namespace {

/// Paints by a function that fills one 0xffRRGGBB a pixel.
template <typename Paint>
QImage painted(const PreviewTile& tile, Paint paint) {
  std::vector<std::uint32_t> pixels(static_cast<std::size_t>(tile.height * tile.width));
  paint(std::span(pixels));
  const QImage view(reinterpret_cast<const uchar*>(pixels.data()), static_cast<int>(tile.width),
                    static_cast<int>(tile.height), static_cast<qsizetype>(tile.width) * 4, QImage::Format_RGB32);
  return view.copy();
}

QImage channelImage(const PreviewTile& tile, std::int64_t channel, float limit) {
  return painted(tile,
                 [&](std::span<std::uint32_t> out) { data::pictures::paintChannel(tile.plane(channel), limit, out); });
}

QImage colourImage(const PreviewTile& tile, const data::pictures::RgbProjection& projection) {
  if (tile.channels == projection.channels) {
    return painted(tile,
                   [&](std::span<std::uint32_t> out) { data::pictures::paintRgb(*tile.values, projection, out); });
  }
  data::pictures::RgbProjection part = projection;  // more channels than a tile keeps: the others are left out
  part.channels = static_cast<int>(tile.channels);
  return painted(tile, [&](std::span<std::uint32_t> out) { data::pictures::paintRgb(*tile.values, part, out); });
}

QImage rowImage(const PreviewTile& tile, float limit) {
  const int width = static_cast<int>(tile.width);
  QImage row(static_cast<int>(tile.channels) * width, static_cast<int>(tile.height), QImage::Format_RGB32);
  for (std::int64_t c = 0; c < tile.channels; ++c) {
    const QImage one = channelImage(tile, c, limit);
    for (int y = 0; y < row.height(); ++y) {
      std::copy_n(one.constScanLine(y), qsizetype{4} * width, row.scanLine(y) + qsizetype{4} * width * c);
    }
  }
  return row;
}

}  // namespace

QPixmap paintTile(const PreviewTile& tile, const TileLook& look) {
  if (!tile.values || tile.width <= 0 || tile.height <= 0) return {};
  switch (look.kind) {
    case PreviewKind::OneChannel:
      return QPixmap::fromImage(channelImage(tile, std::min(look.channel, tile.channels - 1), look.limit));
    case PreviewKind::AllChannels: return QPixmap::fromImage(rowImage(tile, look.limit));
    case PreviewKind::Colour: break;
  }
  return look.projection.channels > 0 && look.projection.channels == tile.channels
             ? QPixmap::fromImage(colourImage(tile, look.projection))
             : QPixmap();
}

QPixmap paintTileChannel(const PreviewTile& tile, std::int64_t channel, float limit) {
  return QPixmap::fromImage(channelImage(tile, channel, limit));
}

QPixmap colourLegend(int width) {
  auto ramp = std::make_shared<std::vector<float>>(static_cast<std::size_t>(width));
  for (int x = 0; x < width; ++x)
    (*ramp)[static_cast<std::size_t>(x)] = 2.0F * static_cast<float>(x) / static_cast<float>(width - 1) - 1.0F;
  return paintTileChannel({.channels = 1, .height = 1, .width = width, .values = std::move(ramp)}, 0, 1.0F);
}

}  // namespace dw::ui
