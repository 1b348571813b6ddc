// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/latent_source.h"

namespace dw::data {

/// A small picture, 8 bits a colour, rows from the top, r g b.
struct PreviewImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

/// Linear map from the channels of a latent to colours: picture = (latent * rows + bias + 1) / 2, clamped.
struct RgbProjection {
  int channels = 0;
  std::vector<float> rows;  ///< [C, 3]
  std::array<float, 3> bias{};
  std::string label;  ///< what kind of picture this is, e.g. "approximate colours (SD 1.x)"
};

/// Latent -> RGB rows of Stable Diffusion 1.x (DESIGN 9), for latents in the denoiser's scale (0.18215).
const std::array<std::array<double, 3>, 4>& latentRgbRows();

/// C = 1 grey, C = 3 RGB, C = 4 the SD 1.x rows. Other channel counts: the first three channels as colours, until
/// fitProjection has looked at the data.
RgbProjection defaultProjection(const SourceInfo& info);

/// defaultProjection, or for other channel counts the three principal components of up to sampleCount samples, scaled so
/// that two standard deviations fill the range. Reads the source: not for the GUI thread.
RgbProjection fitProjection(const LatentSource& source, std::int64_t sampleCount = 64);

/// sample: [C, H, W]. Values that are not finite become mid-grey.
PreviewImage previewRgb(std::span<const float> sample, const SourceInfo& info, const RgbProjection& projection);

/// One channel [H, W] in colours from blue (-limit) over near-white (0) to orange-red (+limit), told apart also by people who
/// do not see red and green. limit <= 0: the largest absolute value of the plane. Not finite: magenta.
PreviewImage previewChannel(std::span<const float> plane, int height, int width, float limit);

}  // namespace dw::data
