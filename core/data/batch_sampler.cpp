// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/batch_sampler.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/random.h"
#include "base/text_format.h"

namespace dw::data {
namespace {

constexpr std::int64_t kFewestForHoldOut = 500;
constexpr std::uint64_t kHeldOutOf100 = 2;

/// Finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

std::int64_t fixedCrop(const std::string& text, std::int64_t crops) {
  if (text == "first") return 0;
  if (text == "random") return -1;
  std::int64_t number = -1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0 || number >= crops) {
    throw Error(ErrorKind::Usage, "data.crop is '" + text + "', but the samples have " + countText(crops, "crop"),
                "use first, random or a number from 0 to " + std::to_string(crops - 1));
  }
  return number;
}

BatchSampler::BatchSampler(BatchSamplerSettings settings, std::int64_t samples, std::int64_t crops)
    : settings_(std::move(settings)), samples_(samples), crops_(crops), fixedCrop_(fixedCrop(settings_.crop, crops)) {
  if (settings_.batch < 1)
    throw Error(ErrorKind::Usage, "train.batch is " + std::to_string(settings_.batch), "use a batch of at least 1");
  const auto& allowed = settings_.allowed;
  if (samples < 1 || std::any_of(allowed.begin(), allowed.end(), [=](auto i) { return i < 0 || i >= samples; })) {
    throw Error(ErrorKind::Usage, "samples that the dataset does not have were to be drawn", "open the dataset again");
  }
}

BatchPlan BatchSampler::plan(std::int64_t step, std::int64_t microBatch) const {
  const auto s = static_cast<std::uint64_t>(step), m = static_cast<std::uint64_t>(microBatch);
  Philox which(streamSeed(settings_.seed, "batch", s, m)), crop(streamSeed(settings_.seed, "crop", s, m)),
      flip(streamSeed(settings_.seed, "flip", s, m));
  const auto choices = settings_.allowed.empty() ? samples_ : static_cast<std::int64_t>(settings_.allowed.size());
  const auto first = (step * settings_.accumulation + microBatch) * settings_.batch;  // samples drawn before this batch
  BatchPlan plan;
  for (std::int64_t i = 0; i < settings_.batch; ++i) {
    const auto drawn = settings_.order == config::SampleOrder::Epoch
                           ? shuffledIndex(settings_.seed, (first + i) / choices, (first + i) % choices, choices)
                           : static_cast<std::int64_t>(which.below(static_cast<std::uint64_t>(choices)));
    plan.samples.push_back(settings_.allowed.empty() ? drawn : settings_.allowed[static_cast<std::size_t>(drawn)]);
    plan.crops.push_back(fixedCrop_ >= 0 ? fixedCrop_
                                         : static_cast<std::int64_t>(crop.below(static_cast<std::uint64_t>(crops_))));
    if (settings_.flip) plan.flips.push_back(static_cast<std::uint8_t>(flip.below(2)));
  }
  return plan;
}

/// A Feistel network over the smallest range of 2^(2 h) >= count numbers; results beyond count are sent through again until
/// one is inside ("cycle walking": Black and Rogaway, "Ciphers with arbitrary finite domains", 2002): four times at most
/// on average, as the range is at most four times too large.
std::int64_t shuffledIndex(std::uint64_t seed, std::int64_t epoch, std::int64_t index, std::int64_t count) {
  constexpr std::uint64_t kRounds = 8;
  unsigned half = 1;
  while ((std::uint64_t{1} << (2 * half)) < static_cast<std::uint64_t>(count)) ++half;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  const auto key = streamSeed(seed, "epoch", static_cast<std::uint64_t>(epoch));
  auto x = static_cast<std::uint64_t>(index);
  do {
    auto left = x >> half, right = x & mask;
    for (std::uint64_t round = 1; round <= kRounds; ++round) {
      const auto next = left ^ (mix(key + right * 0x9E3779B97F4A7C15U + round * 0xD1B54A32D192ED03U) & mask);
      left = right;
      right = next;
    }
    x = (left << half) | right;
  } while (x >= static_cast<std::uint64_t>(count));
  return static_cast<std::int64_t>(x);
}

bool isHeldOut(std::int64_t sample, std::int64_t samples) {
  return samples >= kFewestForHoldOut &&
         mix(static_cast<std::uint64_t>(sample) + 0x9E3779B97F4A7C15U) % 100 < kHeldOutOf100;
}

std::vector<std::int64_t> heldOutSamples(std::int64_t samples, std::span<const std::int64_t> skipped) {
  std::vector<std::int64_t> held;
  for (std::int64_t i = 0; i < samples; ++i) {
    if (isHeldOut(i, samples) && !std::binary_search(skipped.begin(), skipped.end(), i)) held.push_back(i);
  }
  return held;
}

std::vector<std::int64_t> trainingSamples(std::int64_t samples, bool holdOut, std::span<const std::int64_t> skipped) {
  std::vector<std::int64_t> kept;
  if (!(holdOut && samples >= kFewestForHoldOut) && skipped.empty()) return kept;
  for (std::int64_t i = 0; i < samples; ++i) {
    if (!(holdOut && isHeldOut(i, samples)) && !std::binary_search(skipped.begin(), skipped.end(), i))
      kept.push_back(i);
  }
  if (kept.empty())
    throw Error(ErrorKind::BadData, "every sample of the dataset holds values that are not finite (NaN or infinity)",
                "make the latents again");
  return kept;
}

}  // namespace dw::data
