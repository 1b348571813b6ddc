// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "data/pictures/rgb_projection.h"
#include "pictures/tile_painter.h"

namespace dw::ui {

/// How samples are shown: every choice of the bar above the grid and of the histogram.
struct ViewOptions {
  PreviewKind kind = PreviewKind::Colour;
  data::pictures::Colours colours = data::pictures::Colours::Sd1;  ///< of PreviewKind::Colour
  std::int64_t channel = 0;
  std::int64_t crop = 0;
  float limit = 1.0F;  ///< shared by all channels, symmetric about 0
  int tile = 72;       ///< height of one picture in the grid, logical pixels
  bool operator==(const ViewOptions&) const = default;
};

}  // namespace dw::ui
