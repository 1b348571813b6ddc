// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/problem.h"
#include "data/latent_source.h"
#include "data/value_histogram.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// Result of reading everything once.
struct CheckUp {
  std::vector<ChannelSummary> channels;  ///< stored values, every crop of every sample
  double suggestedScale = 1.0;           ///< 1 / standard deviation of all values; 0 if unknown
  bool unevenChannels = false;           ///< means or deviations differ so much that standardizing each channel is worth it
  double seconds = 0.0;
  std::int64_t samplesRead = 0;
  bool complete = false;                 ///< false: stopped before the end
  std::vector<std::int64_t> badSamples;  ///< that hold NaN or infinities, in rising order
  std::vector<std::int64_t> perClass;    ///< samples of each label; empty where unlabelled
  std::shared_ptr<const data::ValueHistogram> histogram;  ///< of everything read
  Problems problems;                     ///< NaN with sample and channel, constant channels, ...
};

/// progress(fraction) is called now and then; stop is looked at as often. range: of the histogram. Throws Error.
CheckUp runCheckUp(const data::LatentSource& source, float range, const std::atomic<bool>& stop,
                   const std::function<void(double)>& progress);

/// Whether channels differ so much that one factor for all of them cannot bring them to the noise's scale: a mean further
/// from 0 than half the overall deviation, or deviations that differ by more than a factor of 1.5. One channel: never.
bool areUneven(const std::vector<ChannelSummary>& channels);

}  // namespace dw::ui
