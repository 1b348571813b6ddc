// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset/dataset_jobs.h"

#include <algorithm>
#include <cmath>

namespace dw::ui {
namespace {

constexpr std::int64_t kTileValues = 48 * 1024;         // of one small picture: 500 of them fit into the grid's cache
constexpr std::int64_t kLargeValues = 4 * 1024 * 1024;  // of one large sample on the screen
constexpr std::int64_t kLargeSide = 512;
constexpr std::int64_t kQuickSamples = 32;
constexpr std::int64_t kQuickValues = 4'000'000;  // read at most this many numbers while opening
// the histogram reaches beyond the largest value of the quick look, which is not the largest of all
constexpr float kRoom = 1.25F;

std::vector<float> readCrop(const data::LatentSource& source, std::int64_t sample, std::int64_t crop) {
  std::vector<float> values(static_cast<std::size_t>(source.info().sampleSize()));
  source.read(std::span(&sample, 1), std::span(&crop, 1), values);
  return values;
}

std::span<const float> planeOf(std::span<const float> sample, const data::SourceInfo& info, std::int64_t channel) {
  const auto size = static_cast<std::size_t>(info.height * info.width);
  return sample.subspan(static_cast<std::size_t>(channel) * size, size);
}

/// Side of the squares that are averaged so that channels x height x width stays within bounds.
std::int64_t blockFor(std::int64_t channels, std::int64_t height, std::int64_t width, std::int64_t mostValues,
                      std::int64_t mostSide) {
  std::int64_t block = 1;
  const auto up = [&](std::int64_t n) { return (n + block - 1) / block; };
  while (block < std::max(height, width) &&
         (channels * up(height) * up(width) > mostValues || up(std::max(height, width)) > mostSide))
    ++block;
  return block;
}

/// Means of block x block; one value that is not finite shows through.
void shrink(std::span<const float> plane, std::int64_t height, std::int64_t width, std::int64_t block, float* out) {
  for (std::int64_t y = 0; y < height; y += block) {
    for (std::int64_t x = 0; x < width; x += block) {
      double sum = 0.0;
      const auto yEnd = std::min(y + block, height), xEnd = std::min(x + block, width);
      for (auto row = y; row < yEnd; ++row) {
        for (auto column = x; column < xEnd; ++column)
          sum += static_cast<double>(plane[static_cast<std::size_t>(row * width + column)]);
      }
      *out++ = static_cast<float>(sum / static_cast<double>((yEnd - y) * (xEnd - x)));
    }
  }
}

PreviewTile tileFrom(std::span<const float> sample, const data::SourceInfo& info, const PreviewWish& wish,
                     std::int64_t mostValues, std::int64_t mostSide) {
  const auto channels = std::min(info.channels, kMostChannels);
  const auto block = blockFor(channels, info.height, info.width, mostValues, mostSide);
  PreviewTile tile{
      wish.sample, wish.crop, channels, (info.height + block - 1) / block, (info.width + block - 1) / block, block, {}};
  const auto size = static_cast<std::size_t>(tile.height * tile.width);
  std::vector<float> values(static_cast<std::size_t>(channels) * size);
  for (std::int64_t c = 0; c < channels; ++c) {
    shrink(planeOf(sample, info, c), info.height, info.width, block,
           values.data() + static_cast<std::size_t>(c) * size);
  }
  tile.values = std::make_shared<const std::vector<float>>(std::move(values));
  return tile;
}

/// Two passes, so that a large mean does not eat the digits of a small deviation.
ChannelSummary summarize(std::span<const float> values) {
  ChannelSummary summary;
  double sum = 0.0;
  std::int64_t count = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const double v = static_cast<double>(value);
    summary.min = count == 0 ? v : std::min(summary.min, v);
    summary.max = count == 0 ? v : std::max(summary.max, v);
    sum += v;
    ++count;
  }
  summary.notFinite = static_cast<std::int64_t>(values.size()) - count;
  if (count == 0) return summary;
  summary.mean = sum / static_cast<double>(count);
  double squares = 0.0;
  for (const float value : values) {
    if (std::isfinite(value))
      squares += (static_cast<double>(value) - summary.mean) * (static_cast<double>(value) - summary.mean);
  }
  summary.std = std::sqrt(squares / static_cast<double>(count));
  return summary;
}

/// Standard deviation of the values whose sizes these are, their mean taken as the sum's.
double deviationOf(const std::vector<float>& values) {
  double sum = 0.0, squares = 0.0;
  for (const float value : values) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(values.size());
  for (const float value : values) squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace

std::span<const float> PreviewTile::plane(std::int64_t channel) const {
  const auto size = static_cast<std::size_t>(height * width);
  return std::span(*values).subspan(static_cast<std::size_t>(channel) * size, size);
}

PreviewTile unscaled(const PreviewTile& tile, const data::ValueScale& scale) {
  if (!tile.values || (scale.mean.empty() && scale.factor.empty())) return tile;
  auto values = *tile.values;
  scale.undo(values, static_cast<std::size_t>(tile.channels), static_cast<std::size_t>(tile.height * tile.width));
  auto stored = tile;
  stored.values = std::make_shared<const std::vector<float>>(std::move(values));
  return stored;
}

QList<PreviewTile> readTiles(const data::LatentSource& source, const QList<PreviewWish>& wishes) {
  const auto& info = source.info();
  QList<PreviewTile> tiles;
  if (wishes.isEmpty()) return tiles;
  const auto size = static_cast<std::size_t>(info.sampleSize());
  // Together in one read where that needs little memory: sources answer a batch faster than its parts.
  const auto atOnce =
      std::clamp<qsizetype>(kQuickValues / std::max<std::int64_t>(1, info.sampleSize()), 1, wishes.size());
  std::vector<float> values(static_cast<std::size_t>(atOnce) * size);
  for (qsizetype begin = 0; begin < wishes.size(); begin += atOnce) {
    const auto part = wishes.mid(begin, atOnce);
    std::vector<std::int64_t> samples, crops;
    for (const auto& wish : part) {
      samples.push_back(wish.sample);
      crops.push_back(wish.crop);
    }
    const auto out = std::span(values).first(samples.size() * size);
    source.read(samples, crops, out);
    for (qsizetype i = 0; i < part.size(); ++i) {
      tiles.append(
          tileFrom(out.subspan(static_cast<std::size_t>(i) * size, size), info, part[i], kTileValues, kLargeSide));
    }
  }
  return tiles;
}

SampleValues readSample(const data::LatentSource& source, std::int64_t sample, std::int64_t crop,
                        float histogramRange) {
  const auto& info = source.info();
  auto values = std::make_shared<const std::vector<float>>(readCrop(source, sample, crop));
  auto histogram = std::make_shared<data::ValueHistogram>(info.channels, histogramRange);
  SampleValues result{.sample = sample,
                      .crop = crop,
                      .channels = info.channels,
                      .height = info.height,
                      .width = info.width,
                      .values = values,
                      .summaries = {},
                      .shown = tileFrom(*values, info, {sample, crop}, kLargeValues, kLargeSide),
                      .histogram = histogram};
  for (std::int64_t c = 0; c < std::min(info.channels, kMostChannels); ++c) {
    result.summaries.push_back(summarize(planeOf(*values, info, c)));
    histogram->add(c, planeOf(*values, info, c));
  }
  return result;
}

QuickLook takeQuickLook(const data::LatentSource& source) {
  const auto& info = source.info();
  const auto wanted =
      std::clamp<std::int64_t>(kQuickValues / std::max<std::int64_t>(1, info.sampleSize()), 1, kQuickSamples);
  const auto samples = std::min(wanted, info.samples);
  std::vector<std::int64_t> places, crops(static_cast<std::size_t>(samples), 0);
  for (std::int64_t i = 0; i < samples; ++i) places.push_back(i * info.samples / samples);
  std::vector<float> values(static_cast<std::size_t>(samples * info.sampleSize()));
  source.read(places, crops, values);

  std::vector<float> finite, sizes;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    finite.push_back(value);
    sizes.push_back(std::abs(value));
  }
  QuickLook look;
  float largest = 1.0F;
  if (!sizes.empty()) {
    const auto place = sizes.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size() - 1) * 0.995);
    std::nth_element(sizes.begin(), place, sizes.end());
    if (*place > 0.0F) look.limit = *place;
    largest = std::max(*std::max_element(place, sizes.end()), look.limit);
    look.deviation = deviationOf(finite);
  }
  auto histogram = std::make_shared<data::ValueHistogram>(info.channels, largest * kRoom);
  const auto plane = static_cast<std::size_t>(info.height * info.width);
  for (std::size_t i = 0; i * plane < values.size(); ++i) {
    histogram->add(static_cast<std::int64_t>(i) % info.channels, std::span(values).subspan(i * plane, plane));
  }
  look.histogram = histogram;
  return look;
}

}  // namespace dw::ui
