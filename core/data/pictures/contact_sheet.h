// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "data/pictures/latent_preview.h"

namespace dw::data::pictures {

struct SheetLayout {
  int columns = 4;
  int zoom = 4;  ///< pixels of the sheet for each of a picture, as squares
  int gap = 4;   ///< pixels of background around each picture
};

/// Pictures of one size side by side, row by row, on a dark grey ground. Throws Error Usage if there are none, or if it would
/// be too large for a PNG.
PreviewImage contactSheet(const std::vector<PreviewImage>& pictures, const SheetLayout& layout);

/// Samples [N, C, H, W] as pictures, one after the other; with a channel limit each is followed by its channels, which go
/// from -limit to limit (0: as far as each reaches).
std::vector<PreviewImage> picturesOf(std::span<const float> values, const SourceInfo& info,
                                     const RgbProjection& projection, std::optional<float> channelLimit = std::nullopt);

/// How much a sample is enlarged to be about so many pixels large; at least 1.
int zoomFor(std::int64_t height, std::int64_t width, int pixels);

/// Columns of about a square.
int squareColumns(std::size_t pictures);

/// Writes a picture as PNG. Throws Error: DiskFull, Io.
void writePng(const std::filesystem::path& path, const PreviewImage& picture);

}  // namespace dw::data::pictures
