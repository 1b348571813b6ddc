// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/latent_source.h"

namespace dw::data::pictures {

/// Linear map from the channels of a latent to colours: picture = (latent * rows + bias + 1) / 2, clamped.
struct RgbProjection {
  int channels = 0;
  std::vector<float> rows;  ///< [C, 3]
  std::array<float, 3> bias{};
  std::string label;  ///< what kind of picture this is, e.g. "approximate colours (SD 1.x)"
};

/// Where colours come from.
enum class Colours {
  Natural,  ///< C = 1 grey, C = 3 red, green, blue: what the file holds
  Sd1,      ///< C = 4: linear approximation of the decoder of Stable Diffusion 1.x (core/data/README.md, section 1)
  Sdxl,     ///< C = 4: of Stable Diffusion XL (core/data/README.md, section 1)
  Fitted,   ///< principal components of the data: no picture, but what differs gets different colours
};

/// What makes sense for a number of channels, the usual one first.
std::vector<Colours> coloursFor(std::int64_t channels);

/// Standard deviation of the latents in the scale that the rows are made for is near 1. Above this deviation they are taken
/// for what the encoder gave out, and multiplied by the factor that brings them there (SD 1.x 0.18215, SDXL 0.13025).
inline constexpr double kRawDeviation = 2.5;

/// Latent -> RGB rows of Stable Diffusion 1.x (core/data/README.md, section 1), for latents in the denoiser's scale (0.18215).
const std::array<std::array<double, 3>, 4>& latentRgbRows();

/// Rows that need no look at the data; deviation: of the stored values, 1 if unknown. Fitted (until fittedProjection has
/// looked): the first three channels as colours.
RgbProjection projectionFor(Colours colours, std::int64_t channels, double deviation = 1.0);

/// Standard deviation of the values that are finite.
double deviationOf(std::span<const float> values);

/// Stored latents, brought to the scale that a decoder for pictures takes (deviation near 1): those that the encoder gave out
/// are recognised by their deviation, see above.
std::vector<float> decoderScaled(std::span<const float> stored);

/// projectionFor the usual colours of samples [B, C, H, W] in the scale of the dataset, whose deviation it takes.
RgbProjection projectionOf(std::span<const float> values, std::int64_t channels);

/// projectionFor the usual colours of this many channels.
RgbProjection defaultProjection(const SourceInfo& info);

/// The three principal components of the first crop of up to sampleCount samples, scaled so that two standard deviations
/// fill the range. Reads the source: not for the GUI thread.
RgbProjection fittedProjection(const LatentSource& source, std::int64_t sampleCount = 64);

/// defaultProjection where that shows a picture, else fittedProjection.
RgbProjection fitProjection(const LatentSource& source, std::int64_t sampleCount = 64);

}  // namespace dw::data::pictures
