// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/pictures/latent_preview.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace dw::data::pictures {
namespace {

std::uint8_t toByte(double value) {
  if (!std::isfinite(value)) return 128;
  return static_cast<std::uint8_t>(std::lround(255.0 * std::clamp(value, 0.0, 1.0)));
}

/// Colour stops from -1 to 1: the endpoints and middle of ColorBrewer's RdBu, reversed (colour-blind safe, diverging).
constexpr std::array<std::array<double, 3>, 5> kStops{
    {{5, 48, 97}, {67, 147, 195}, {247, 247, 247}, {214, 96, 77}, {103, 0, 31}}};
constexpr std::array<std::uint8_t, 3> kNotFinite{255, 0, 255};

std::array<std::uint8_t, 3> divergingColour(double position) {
  const double at = (std::clamp(position, -1.0, 1.0) + 1.0) * 0.5 * (kStops.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(at), kStops.size() - 2);
  const double share = at - static_cast<double>(low);
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t i = 0; i < 3; ++i)
    colour[i] = toByte(((1.0 - share) * kStops[low][i] + share * kStops[low + 1][i]) / 255.0);
  return colour;
}

constexpr int kSteps = 512;  // more than a screen tells apart

/// The colour map as a table: from -limit to +limit, then the colour of what is not finite.
const std::array<std::uint32_t, kSteps + 1>& colourTable() {
  static const auto kTable = [] {
    std::array<std::uint32_t, kSteps + 1> table{};
    const auto pack = [](const std::array<std::uint8_t, 3>& c) {
      return 0xff000000U | static_cast<std::uint32_t>(c[0]) << 16 | static_cast<std::uint32_t>(c[1]) << 8 | c[2];
    };
    for (int i = 0; i < kSteps; ++i)
      table[static_cast<std::size_t>(i)] = pack(divergingColour(2.0 * i / (kSteps - 1) - 1.0));
    table[kSteps] = pack(kNotFinite);
    return table;
  }();
  return kTable;
}

std::uint32_t toByteFast(float value) {
  if (!std::isfinite(value)) return 128;
  return static_cast<std::uint32_t>(std::clamp(value, 0.0F, 1.0F) * 255.0F + 0.5F);
}

}  // namespace

PreviewImage previewRgb(std::span<const float> sample, const SourceInfo& info, const RgbProjection& projection) {
  if (sample.size() != static_cast<std::size_t>(info.sampleSize()) || projection.channels != info.channels) {
    throw Error(ErrorKind::Internal, "a preview of a sample of another shape was asked for");
  }
  const auto plane = static_cast<std::size_t>(info.height * info.width);
  PreviewImage image{static_cast<int>(info.width), static_cast<int>(info.height), std::vector<std::uint8_t>(plane * 3)};
  for (std::size_t p = 0; p < plane; ++p) {
    for (std::size_t k = 0; k < 3; ++k) {
      auto value = static_cast<double>(projection.bias[k]);
      for (std::size_t c = 0; c < static_cast<std::size_t>(info.channels); ++c) {
        const float weight = projection.rows[c * 3 + k];
        if (weight != 0.0F) value += static_cast<double>(weight) * static_cast<double>(sample[c * plane + p]);
      }
      image.rgb[p * 3 + k] = toByte((value + 1.0) * 0.5);
    }
  }
  return image;
}

PreviewImage previewChannel(std::span<const float> plane, int height, int width, float limit) {
  if (height < 0 || width < 0 || plane.size() != static_cast<std::size_t>(height) * static_cast<std::size_t>(width)) {
    throw Error(ErrorKind::Internal, "a preview of a channel of another shape was asked for");
  }
  if (!(limit > 0.0F)) {
    limit = 0.0F;
    for (const float value : plane) limit = std::isfinite(value) ? std::max(limit, std::abs(value)) : limit;
  }
  PreviewImage image{width, height, std::vector<std::uint8_t>(plane.size() * 3)};
  for (std::size_t p = 0; p < plane.size(); ++p) {
    const auto colour =
        !std::isfinite(plane[p])
            ? kNotFinite
            : divergingColour(limit > 0.0F ? static_cast<double>(plane[p]) / static_cast<double>(limit) : 0.0);
    std::copy(colour.begin(), colour.end(), image.rgb.begin() + static_cast<std::ptrdiff_t>(p * 3));
  }
  return image;
}

void paintRgb(std::span<const float> sample, const RgbProjection& projection, std::span<std::uint32_t> out) {
  const auto channels = static_cast<std::size_t>(projection.channels), plane = out.size();
  if (sample.size() != channels * plane)
    throw Error(ErrorKind::Internal, "a picture of a sample of another shape was asked for");
  for (std::size_t p = 0; p < plane; ++p) {
    auto colour = projection.bias;
    for (std::size_t c = 0; c < channels; ++c) {
      const float value = sample[c * plane + p];
      const float* weights = projection.rows.data() + c * 3;
      // 0 x NaN is NaN
      for (std::size_t k = 0; k < 3; ++k) colour[k] += weights[k] != 0.0F ? weights[k] * value : 0.0F;
    }
    const auto byte = [&](std::size_t k) { return toByteFast((colour[k] + 1.0F) * 0.5F); };
    out[p] = 0xff000000U | byte(0) << 16 | byte(1) << 8 | byte(2);
  }
}

void paintChannel(std::span<const float> plane, float limit, std::span<std::uint32_t> out) {
  if (plane.size() != out.size())
    throw Error(ErrorKind::Internal, "a picture of a channel of another shape was asked for");
  const auto& table = colourTable();
  const float half = 0.5F * static_cast<float>(kSteps - 1), factor = half / std::max(limit, 1e-30F);
  for (std::size_t p = 0; p < plane.size(); ++p) {
    const float place = std::clamp(plane[p] * factor + half, 0.0F, static_cast<float>(kSteps - 1));
    out[p] = table[std::isfinite(plane[p]) ? static_cast<std::size_t>(place + 0.5F) : std::size_t{kSteps}];
  }
}

}  // namespace dw::data::pictures
