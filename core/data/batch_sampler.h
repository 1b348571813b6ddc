// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"

namespace dw::data {

/// Which samples and crops one micro-batch uses.
struct BatchPlan {
  std::vector<std::int64_t> samples;  ///< [B]
  std::vector<std::int64_t> crops;    ///< [B]
};

struct SamplerSettings {
  std::uint64_t seed = 0;
  std::int64_t batch = 32;
  std::string crop = "first";  ///< first | random | a number from 0 (config::DataSettings::crop)
  /// Samples that may be drawn; empty = all. Hold-outs and skipped samples are left out by this list.
  std::vector<std::int64_t> allowed;
};

/// Draws batches: every sample with equal chance, with replacement. A pure function of (seed, step, micro-batch): nothing
/// is remembered, so resumed and branched runs see the same batches. Any thread.
class BatchSampler {
 public:
  /// samples, crops: of the source. Throws Error Usage for a crop that the source does not have, a batch below 1 or a
  /// list of allowed samples outside the source.
  BatchSampler(SamplerSettings settings, std::int64_t samples, std::int64_t crops);

  BatchPlan plan(std::int64_t step, std::int64_t microBatch = 0) const;

 private:
  SamplerSettings settings_;
  std::int64_t samples_;
  std::int64_t crops_;
  std::int64_t fixedCrop_ = 0;  ///< -1: random
};

}  // namespace dw::data
