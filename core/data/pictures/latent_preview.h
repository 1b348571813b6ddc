// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/latent_source.h"
#include "data/pictures/rgb_projection.h"

namespace dw::data::pictures {

/// A small picture, 8 bits a colour, rows from the top, r g b.
struct PreviewImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

/// sample: [C, H, W]. Values that are not finite become mid-grey.
PreviewImage previewRgb(std::span<const float> sample, const SourceInfo& info, const RgbProjection& projection);

/// One channel [H, W] in colours from blue (-limit) over near-white (0) to orange-red (+limit), told apart also by people who
/// do not see red and green. limit <= 0: the largest absolute value of the plane. Not finite: magenta.
PreviewImage previewChannel(std::span<const float> plane, int height, int width, float limit);

/// The same two without allocating, for pictures that are painted again while a limit is dragged: one 0xffRRGGBB a pixel.
/// sample: [C, out.size()]; plane and out of the same size; limit > 0.
void paintRgb(std::span<const float> sample, const RgbProjection& projection, std::span<std::uint32_t> out);
void paintChannel(std::span<const float> plane, float limit, std::span<std::uint32_t> out);

}  // namespace dw::data::pictures
