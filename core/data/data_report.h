// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/problem.h"
#include "data/channel_statistics.h"
#include "data/latent_source.h"

namespace dw::data {

/// What is wrong with the numbers of a dataset, and what is worth knowing before training on them. The check-up of the window,
/// `dwb inspect` and Train say the same by it.
struct DataReport {
  /// Errors first: numbers that are not finite (field "data"), which make the data unfit for training. Warnings: channels of one value.
  Problems problems;
  std::vector<std::int64_t>
      notFinite;  ///< values of each channel that are NaN or infinite, left out of its other figures
  double suggestedScale =
      0.0;  ///< 1 / standard deviation of all values together; 0 if unknown, or beyond what data.scale may be
  bool unevenChannels = false;  ///< areUneven
};

/// Of the source that the statistics are of.
DataReport reportOn(const SourceInfo& info, const ChannelStatistics& statistics);

/// Whether channels differ so much that one factor for all of them cannot bring them to the noise's scale: a mean further
/// from 0 than half the overall deviation, or deviations that differ by more than a factor of 1.5. One channel: never.
bool areUneven(std::span<const ChannelFacts> channels);

/// Throws Error BadData, with the first error of the report, if it has any.
void refuseUnfit(const SourceInfo& info, const DataReport& report);
/// Full scan: reads everything and refuses a source that is unfit for training. Convert and golden call it. Cancelled: returns what
/// it has, with complete == false.
ChannelStatistics refuseUnfit(const LatentSource& source, const ScanProgress& progress = {});

}  // namespace dw::data
