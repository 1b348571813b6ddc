// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <cstdint>

#include "data/pictures/rgb_projection.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// How a sample is shown in small.
enum class PreviewKind {
  Colour,       ///< a linear mix of the channels as red, green and blue
  OneChannel,   ///< one channel, diverging colours symmetric about 0
  AllChannels,  ///< every channel side by side, same colours and limits
};

/// How the numbers of a tile become colours.
struct TileLook {
  PreviewKind kind = PreviewKind::Colour;
  std::int64_t channel = 0;
  float limit = 1.0F;
  data::pictures::RgbProjection projection;
};

/// The picture of a tile, one pixel a number; null where the projection is for another number of channels. AllChannels: C pictures beside each other, width C * W.
QPixmap paintTile(const PreviewTile& tile, const TileLook& look);
/// One channel of it.
QPixmap paintTileChannel(const PreviewTile& tile, std::int64_t channel, float limit);
/// The colours from -limit (left) to limit (right), one row of that many pixels.
QPixmap colourLegend(int width);

}  // namespace dw::ui
