// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/problem.h"
#include "config/choices.h"

namespace dw::data {

/// Which samples and crops one micro-batch uses.
struct BatchPlan {
  std::vector<std::int64_t> samples;  ///< [B]
  std::vector<std::int64_t> crops;    ///< [B]
  std::vector<std::uint8_t> flips;    ///< [B], 1: mirrored left to right; empty = none is
};

struct BatchSamplerSettings {
  std::uint64_t seed = 0;
  std::int64_t batch = 32;
  std::string crop = "first";  ///< first | random | a number from 0 (config::DataSettings::crop)
  /// Samples that may be drawn; empty = all. Hold-outs and skipped samples are left out by this list.
  std::vector<std::int64_t> allowed{};
  config::SampleOrder order = config::SampleOrder::Random;
  std::int64_t accumulation = 1;  ///< micro-batches of a step: they follow each other in an epoch
  bool flip = false;              ///< mirror each sample left to right with chance 1/2
};

/// Draws batches: every sample with equal chance, with replacement or epoch by epoch (the batch in which an epoch ends
/// goes on with the next). A pure function of (seed, step, micro-batch): nothing is remembered, so resumed and branched
/// runs see the same batches. Any thread.
class BatchSampler {
 public:
  /// samples, crops: of the source. Throws Error Usage for a crop that the source does not have, a batch below 1 or a
  /// list of allowed samples outside the source.
  BatchSampler(BatchSamplerSettings settings, std::int64_t samples, std::int64_t crops);

  BatchPlan plan(std::int64_t step, std::int64_t microBatch = 0) const;

 private:
  BatchSamplerSettings settings_;
  std::int64_t samples_;
  std::int64_t crops_;
  std::int64_t fixedCrop_ = 0;  ///< -1: random
};

/// The crop that data.crop ("first" or a number) names; -1 for "random". Throws Error Usage for one that the samples,
/// with so many crops each, do not have.
std::int64_t fixedCrop(const std::string& crop, std::int64_t crops);

/// Place of `index` in the order of an epoch: for each (seed, epoch) a permutation of 0 .. count - 1, computed for one index
/// at a time, so that no table of all samples is needed. 0 <= index < count.
std::int64_t shuffledIndex(std::uint64_t seed, std::int64_t epoch, std::int64_t index, std::int64_t count);

/// Whether a sample is kept back for the validation loss: 2 % of all by a hash of its index, none below 500 samples
/// (core/data/README.md, section 5). The same samples in every run, whatever its seed.
bool isHeldOut(std::int64_t sample, std::int64_t samples);
/// All samples that are held out and not skipped (in rising order); none of fewer than 500.
std::vector<std::int64_t> heldOutSamples(std::int64_t samples, std::span<const std::int64_t> skipped = {});
/// The samples to train on, for BatchSamplerSettings::allowed: not held out (if holdOut) and not among the skipped (in rising
/// order). Empty where all may be drawn. Throws Error BadData if none is left.
std::vector<std::int64_t> trainingSamples(std::int64_t samples, bool holdOut,
                                          std::span<const std::int64_t> skipped = {});

}  // namespace dw::data
