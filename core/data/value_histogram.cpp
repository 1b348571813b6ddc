// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/value_histogram.h"

#include <algorithm>
#include <cmath>

namespace dw::data {

ValueHistogram::ValueHistogram(std::int64_t channels, float range)
    : range_(range),
      channels_(std::min(channels, kMostChannels)),
      counts_(static_cast<std::size_t>(channels_ * kBins)) {}

void ValueHistogram::add(std::int64_t channel, std::span<const float> values) {
  if (channel < 0 || channel >= channels_) return;
  auto* const bins = counts_.data() + channel * kBins;
  const float factor = 0.5F * kBins / range_;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const float place = std::clamp(value * factor + 0.5F * kBins, 0.0F, static_cast<float>(kBins - 1));
    ++bins[static_cast<int>(place)];
  }
}

std::vector<std::uint64_t> ValueHistogram::counts(std::int64_t channel) const {
  std::vector<std::uint64_t> sum(kBins);
  for (std::int64_t c = 0; c < channels_; ++c) {
    if (channel >= 0 && c != channel) continue;
    for (int i = 0; i < kBins; ++i)
      sum[static_cast<std::size_t>(i)] += counts_[static_cast<std::size_t>(c * kBins + i)];
  }
  return sum;
}

float ValueHistogram::sizeOfShare(double share) const {
  const auto all = counts();
  std::vector<double> sizes(kBins / 2);  // |value|, from 0 up
  double total = 0.0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = static_cast<double>(all[kBins / 2 + i] + all[kBins / 2 - 1 - i]);
    total += sizes[i];
  }
  double wanted = total * share;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] > 0.0 && wanted <= sizes[i]) {
      return range_ *
             static_cast<float>((static_cast<double>(i) + wanted / sizes[i]) / static_cast<double>(sizes.size()));
    }
    wanted -= sizes[i];
  }
  return total > 0.0 ? range_ : 0.0F;
}

}  // namespace dw::data
