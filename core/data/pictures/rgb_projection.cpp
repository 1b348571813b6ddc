// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/pictures/rgb_projection.h"

#include <algorithm>
#include <cmath>

namespace dw::data::pictures {
namespace {

using Rows = std::array<std::array<double, 3>, 4>;
constexpr Rows kSd1{
    {{0.3512, 0.2297, 0.3227}, {0.3250, 0.4974, 0.2350}, {-0.2829, 0.1762, 0.2721}, {-0.2120, -0.2616, -0.7177}}};
constexpr Rows kSdxl{
    {{0.3651, 0.4232, 0.4341}, {-0.2533, -0.0042, 0.1068}, {0.1076, 0.1111, -0.0362}, {-0.3165, -0.2492, -0.2188}}};
constexpr std::array<float, 3> kSdxlBias{0.1084F, -0.0175F, -0.0011F};
constexpr double kSd1Scale = 0.18215, kSdxlScale = 0.13025;

RgbProjection fromRows(const Rows& rows, const std::array<float, 3>& bias, double factor, const std::string& name) {
  RgbProjection projection;
  projection.channels = 4;
  for (const auto& row : rows) {
    for (const double weight : row) projection.rows.push_back(static_cast<float>(weight * factor));
  }
  projection.bias = bias;
  projection.label = "approximate colours (" + name + ")";
  return projection;
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

const std::array<std::array<double, 3>, 4>& latentRgbRows() { return kSd1; }

std::vector<Colours> coloursFor(std::int64_t channels) {
  if (channels == 1 || channels == 3) return {Colours::Natural};
  if (channels == 4) return {Colours::Sd1, Colours::Sdxl, Colours::Fitted};
  return {Colours::Fitted};
}

RgbProjection projectionFor(Colours colours, std::int64_t channels, double deviation) {
  const bool raw = deviation > kRawDeviation;
  if (channels == 4 && colours == Colours::Sd1) return fromRows(kSd1, {}, raw ? kSd1Scale : 1.0, "SD 1.x");
  if (channels == 4 && colours == Colours::Sdxl) return fromRows(kSdxl, kSdxlBias, raw ? kSdxlScale : 1.0, "SDXL");
  RgbProjection projection;
  projection.channels = static_cast<int>(channels);
  projection.rows.assign(static_cast<std::size_t>(channels) * 3, 0.0F);
  if (channels == 1) {
    projection.rows = {1.0F, 1.0F, 1.0F};
    projection.label = "grey values";
    return projection;
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(3, static_cast<std::size_t>(channels)); ++i)
    projection.rows[i * 3 + i] = 1.0F;
  projection.label = channels == 3 ? "colours" : "first three channels as colours";
  return projection;
}

double deviationOf(std::span<const float> values) {
  double sum = 0.0, squares = 0.0, seen = 0.0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
    seen += 1.0;
  }
  const double n = std::max(seen, 1.0), mean = sum / n;
  return std::sqrt(std::max(squares / n - mean * mean, 0.0));
}

std::vector<float> decoderScaled(std::span<const float> stored) {
  std::vector<float> values(stored.begin(), stored.end());
  if (deviationOf(stored) <= kRawDeviation) return values;
  for (auto& value : values) value *= static_cast<float>(kSd1Scale);
  return values;
}

RgbProjection projectionOf(std::span<const float> values, std::int64_t channels) {
  return projectionFor(coloursFor(channels).front(), channels, deviationOf(values));
}

RgbProjection defaultProjection(const SourceInfo& info) {
  return projectionFor(coloursFor(info.channels).front(), info.channels);
}

RgbProjection fittedProjection(const LatentSource& source, std::int64_t sampleCount) {
  auto projection = projectionFor(Colours::Fitted, source.info().channels);
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

RgbProjection fitProjection(const LatentSource& source, std::int64_t sampleCount) {
  const auto& info = source.info();
  return coloursFor(info.channels).front() == Colours::Fitted ? fittedProjection(source, sampleCount)
                                                              : defaultProjection(info);
}

}  // namespace dw::data::pictures
