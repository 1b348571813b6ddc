// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dw::data {

/// How often values occur, for each channel, in equal bins from -range to +range. What lies beyond is counted in the
/// outermost bins; what is not finite is left out.
class ValueHistogram {
 public:
  static constexpr int kBins = 256;
  static constexpr std::int64_t kMostChannels = 256;  ///< channels after these count in none

  ValueHistogram() = default;
  /// range > 0.
  ValueHistogram(std::int64_t channels, float range);

  float range() const noexcept { return range_; }
  std::int64_t channels() const noexcept { return channels_; }
  void add(std::int64_t channel, std::span<const float> values);
  /// Counts [kBins] of one channel; channel -1: of all together.
  std::vector<std::uint64_t> counts(std::int64_t channel = -1) const;
  /// The size below which that share of all |values| lies, between bins by proportion; 0 without values.
  float sizeOfShare(double share) const;

 private:
  float range_ = 0.0F;
  std::int64_t channels_ = 0;
  std::vector<std::uint64_t> counts_;  // [channels, kBins]
};

}  // namespace dw::data
