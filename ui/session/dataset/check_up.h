// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "data/data_report.h"
#include "data/latent_source.h"
#include "data/value_histogram.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// Result of reading everything once.
struct CheckUp {
  std::vector<ChannelSummary> channels;  ///< stored values, every crop of every sample
  data::DataReport report;               ///< what is wrong, and which scale fits
  double seconds = 0.0;
  std::int64_t samplesRead = 0;
  bool complete = false;                                  ///< false: stopped before the end
  std::vector<std::int64_t> badSamples;                   ///< that hold NaN or infinities, in rising order
  std::vector<std::int64_t> perClass;                     ///< samples of each label; empty where unlabelled
  std::shared_ptr<const data::ValueHistogram> histogram;  ///< of everything read
};

/// progress(fraction) is called now and then; stop is looked at as often. range: of the histogram. Throws Error.
CheckUp runCheckUp(const data::LatentSource& source, float range, const std::atomic<bool>& stop,
                   const std::function<void(double)>& progress);

}  // namespace dw::ui
