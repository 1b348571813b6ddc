// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QMetaType>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "data/latent_source.h"
#include "data/value_histogram.h"
#include "data/value_scale.h"

namespace dw::ui {

/// One small picture that somebody wants to see.
struct PreviewWish {
  std::int64_t sample = 0;
  std::int64_t crop = 0;
  bool operator==(const PreviewWish&) const = default;
};

/// The numbers of a small picture. Colours are given where it is shown, so that limits and channels change without
/// reading the file again. Large samples are shrunk: each number is then the mean of block x block.
struct PreviewTile {
  std::int64_t sample = 0, crop = 0;
  std::int64_t channels = 0, height = 0, width = 0;  ///< of values
  std::int64_t block = 1;
  std::shared_ptr<const std::vector<float>> values;  ///< [C, H, W]

  std::span<const float> plane(std::int64_t channel) const;
};

/// The numbers of a tile in the model's scale, in the scale of the dataset.
PreviewTile unscaled(const PreviewTile& tile, const data::ValueScale& scale);

/// Statistics of one channel of one crop, or of the whole dataset.
struct ChannelSummary {
  double mean = 0.0, std = 0.0, min = 0.0, max = 0.0;
  std::int64_t notFinite = 0;  ///< NaN and infinities, left out of the other figures
};

/// All numbers of one crop of one sample.
struct SampleValues {
  std::int64_t sample = 0, crop = 0;
  std::int64_t channels = 0, height = 0, width = 0;
  std::shared_ptr<const std::vector<float>> values;       ///< [C, H, W]
  std::vector<ChannelSummary> summaries;                  ///< one per channel, at most kMostChannels
  PreviewTile shown;                                      ///< for the screen: at most some 500 pixels a side
  std::shared_ptr<const data::ValueHistogram> histogram;  ///< same range as the quick look's
};

/// What a few evenly spaced samples say, read while opening.
struct QuickLook {
  float limit = 1.0F;      ///< 99.5 % of their |values| lie below it: the shared limit of the colour map
  double deviation = 1.0;  ///< standard deviation of their values
  std::shared_ptr<const data::ValueHistogram> histogram;  ///< of their values, with room for some larger ones
};

constexpr std::int64_t kMostChannels = 256;  ///< of one sample: more than that nobody looks at

/// The jobs, run on thread pools by DatasetSession. All throw Error when reading fails.
QList<PreviewTile> readTiles(const data::LatentSource& source, const QList<PreviewWish>& wishes);
SampleValues readSample(const data::LatentSource& source, std::int64_t sample, std::int64_t crop, float histogramRange);
QuickLook takeQuickLook(const data::LatentSource& source);

}  // namespace dw::ui

Q_DECLARE_METATYPE(dw::ui::PreviewWish)
Q_DECLARE_METATYPE(dw::ui::PreviewTile)
Q_DECLARE_METATYPE(dw::ui::SampleValues)
