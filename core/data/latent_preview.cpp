// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/latent_preview.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace dw::data {
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

struct Moments {
  std::vector<double> mean;        ///< [C]
  std::vector<double> covariance;  ///< [C, C]
};

Moments momentsOf(const LatentSource& source, std::int64_t sampleCount) {
  const auto& info = source.info();
  const auto channels = static_cast<std::size_t>(info.channels),
             plane = static_cast<std::size_t>(info.height * info.width);
  const auto count = std::clamp<std::int64_t>(sampleCount, 1, info.samples);
  Moments result{std::vector<double>(channels), std::vector<double>(channels * channels)};
  std::vector<float> values(static_cast<std::size_t>(info.sampleSize()));
  double seen = 0.0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t sample = i * info.samples / count, crop = 0;
    source.read({&sample, 1}, {&crop, 1}, values);
    for (std::size_t p = 0; p < plane; ++p) {
      const auto at = [&](std::size_t c) { return static_cast<double>(values[c * plane + p]); };
      bool finite = true;
      for (std::size_t c = 0; c < channels; ++c) finite = finite && std::isfinite(at(c));
      if (!finite) continue;
      seen += 1.0;
      for (std::size_t a = 0; a < channels; ++a) {
        result.mean[a] += at(a);
        for (std::size_t b = 0; b <= a; ++b) result.covariance[a * channels + b] += at(a) * at(b);
      }
    }
  }
  for (auto& value : result.mean) value /= std::max(seen, 1.0);
  for (std::size_t a = 0; a < channels; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      auto& entry = result.covariance[a * channels + b];
      entry = entry / std::max(seen, 1.0) - result.mean[a] * result.mean[b];
      result.covariance[b * channels + a] = entry;
    }
  }
  return result;
}

/// Largest eigenvector of a symmetric matrix by power iteration from a fixed start; takes its part out of the matrix.
std::vector<double> takeLargest(std::vector<double>& matrix, std::size_t n, double& eigenvalue) {
  std::vector<double> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = 1.0 + 0.1 * static_cast<double>(i % 7);
  for (int step = 0; step < 200; ++step) {
    std::vector<double> next(n);
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) next[a] += matrix[a * n + b] * v[b];
    }
    double length = 0.0;
    for (const double x : next) length += x * x;
    eigenvalue = std::sqrt(length);
    if (eigenvalue < 1e-12) break;
    for (std::size_t a = 0; a < n; ++a) v[a] = next[a] / eigenvalue;
  }
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) matrix[a * n + b] -= eigenvalue * v[a] * v[b];
  }
  return v;
}

}  // namespace

const std::array<std::array<double, 3>, 4>& latentRgbRows() {
  static constexpr std::array<std::array<double, 3>, 4> kRows{
      {{0.3512, 0.2297, 0.3227}, {0.3250, 0.4974, 0.2350}, {-0.2829, 0.1762, 0.2721}, {-0.2120, -0.2616, -0.7177}}};
  return kRows;
}

RgbProjection defaultProjection(const SourceInfo& info) {
  RgbProjection projection;
  projection.channels = static_cast<int>(info.channels);
  projection.rows.assign(static_cast<std::size_t>(info.channels) * 3, 0.0F);
  if (info.channels == 1) {
    projection.rows = {1.0F, 1.0F, 1.0F};
    projection.label = "grey values";
  } else if (info.channels == 4) {
    for (std::size_t i = 0; i < 12; ++i) projection.rows[i] = static_cast<float>(latentRgbRows()[i / 3][i % 3]);
    projection.label = "approximate colours (SD 1.x)";
  } else {
    for (std::size_t i = 0; i < std::min<std::size_t>(3, static_cast<std::size_t>(info.channels)); ++i)
      projection.rows[i * 3 + i] = 1.0F;
    projection.label = info.channels == 3 ? "colours" : "first three channels as colours";
  }
  return projection;
}

RgbProjection fitProjection(const LatentSource& source, std::int64_t sampleCount) {
  auto projection = defaultProjection(source.info());
  if (source.info().channels == 1 || source.info().channels == 3 || source.info().channels == 4) return projection;
  auto moments = momentsOf(source, sampleCount);
  const auto channels = moments.mean.size();
  for (std::size_t k = 0; k < 3; ++k) {
    double variance = 0.0;
    const auto direction = takeLargest(moments.covariance, channels, variance);
    const double scale = variance > 1e-12 ? 0.5 / std::sqrt(variance) : 0.0;
    projection.bias[k] = 0.0F;
    for (std::size_t c = 0; c < channels; ++c) {
      projection.rows[c * 3 + k] = static_cast<float>(scale * direction[c]);
      projection.bias[k] -= static_cast<float>(scale * direction[c] * moments.mean[c]);
    }
  }
  projection.label = "principal components as colours";
  return projection;
}

PreviewImage previewRgb(std::span<const float> sample, const SourceInfo& info, const RgbProjection& projection) {
  if (sample.size() != static_cast<std::size_t>(info.sampleSize()) || projection.channels != info.channels) {
    throw Error(ErrorKind::Internal, "a preview of a sample of another shape was asked for");
  }
  const auto plane = static_cast<std::size_t>(info.height * info.width);
  PreviewImage image{static_cast<int>(info.width), static_cast<int>(info.height), std::vector<std::uint8_t>(plane * 3)};
  for (std::size_t p = 0; p < plane; ++p) {
    for (std::size_t k = 0; k < 3; ++k) {
      double value = static_cast<double>(projection.bias[k]);
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

}  // namespace dw::data
