// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "data/latent_source.h"

namespace dw::data {

/// Facts about one channel over all values that are finite.
struct ChannelFacts {
  double mean = 0.0;
  double std = 0.0;  ///< standard deviation (divided by the count)
  double min = 0.0;
  double max = 0.0;
  std::uint64_t count = 0;  ///< finite values
};

struct Place {
  std::int64_t sample = 0, crop = 0, channel = 0;
};

struct ChannelStatistics {
  std::vector<ChannelFacts> channels;
  std::uint64_t notFinite = 0;  ///< NaN and infinities
  std::optional<Place> firstNotFinite;
  std::vector<std::int64_t> badSamples;  ///< samples that hold any, in rising order
  std::int64_t samplesRead = 0;
  bool complete = false;  ///< every sample was read (not limited, not cancelled)
};

/// Called now and then with the share that is done, 0..1; false stops the scan, whose result then is not complete.
using ScanProgress = std::function<bool(double fraction)>;

/// Sees every plane [H, W] that a scan reads, in the thread that scans.
using PlaneVisitor = std::function<void(std::int64_t channel, std::span<const float> plane)>;

/// All crops of up to `limit` samples, spread evenly over the source; limit <= 0: all of them. Throws Error if reading fails.
ChannelStatistics channelStatistics(const LatentSource& source, std::int64_t limit = 0,
                                    const ScanProgress& progress = {}, const PlaneVisitor& visitor = {});

}  // namespace dw::data
