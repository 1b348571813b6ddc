// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/batch_sampler.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/random.h"

namespace dw::data {
namespace {

std::int64_t cropFrom(const std::string& text, std::int64_t crops) {
  if (text == "first") return 0;
  if (text == "random") return -1;
  std::int64_t number = -1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0 || number >= crops) {
    throw Error(ErrorKind::Usage,
                "data.crop is '" + text + "', but the samples have " + std::to_string(crops) +
                    (crops == 1 ? " crop" : " crops"),
                "use first, random or a number from 0 to " + std::to_string(crops - 1));
  }
  return number;
}

}  // namespace

BatchSampler::BatchSampler(SamplerSettings settings, std::int64_t samples, std::int64_t crops)
    : settings_(std::move(settings)), samples_(samples), crops_(crops), fixedCrop_(cropFrom(settings_.crop, crops)) {
  if (settings_.batch < 1)
    throw Error(ErrorKind::Usage, "train.batch is " + std::to_string(settings_.batch), "use a batch of at least 1");
  const auto& allowed = settings_.allowed;
  if (samples < 1 || std::any_of(allowed.begin(), allowed.end(), [=](auto i) { return i < 0 || i >= samples; })) {
    throw Error(ErrorKind::Usage, "samples that the dataset does not have were to be drawn", "open the dataset again");
  }
}

BatchPlan BatchSampler::plan(std::int64_t step, std::int64_t microBatch) const {
  const auto s = static_cast<std::uint64_t>(step), m = static_cast<std::uint64_t>(microBatch);
  Philox which(streamSeed(settings_.seed, "batch", s, m)), crop(streamSeed(settings_.seed, "crop", s, m));
  const auto choices = settings_.allowed.empty() ? static_cast<std::uint64_t>(samples_) : settings_.allowed.size();
  BatchPlan plan;
  for (std::int64_t i = 0; i < settings_.batch; ++i) {
    const auto drawn = which.below(choices);
    plan.samples.push_back(settings_.allowed.empty() ? static_cast<std::int64_t>(drawn) : settings_.allowed[drawn]);
    plan.crops.push_back(fixedCrop_ >= 0 ? fixedCrop_
                                         : static_cast<std::int64_t>(crop.below(static_cast<std::uint64_t>(crops_))));
  }
  return plan;
}

}  // namespace dw::data
