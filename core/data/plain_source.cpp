// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/plain_source.h"

#include <algorithm>

#include "base/error.h"
#include "data/array_source.h"

namespace dw::data {
namespace {

class PlainSource : public LatentSource {
 public:
  explicit PlainSource(PlainSamples samples) : samples_(std::move(samples)) {
    info_.format = "made here";
    info_.dtype = "float32";
    info_.channels = samples_.channels;
    info_.height = samples_.height;
    info_.width = samples_.width;
    const auto size = info_.sampleSize(), numbers = static_cast<std::int64_t>(samples_.values.size());
    info_.samples = size > 0 ? numbers / size : 0;
    const bool fits = size > 0 && info_.samples * size == numbers &&
                      (samples_.labels.empty() || static_cast<std::int64_t>(samples_.labels.size()) == info_.samples);
    if (!fits) throw Error(ErrorKind::Internal, "samples and their shape do not fit each other");
    info_.axes = "BCHW";
    info_.stored = {info_.samples, info_.channels, info_.height, info_.width};
    if (!samples_.labels.empty())
      info_.classes = std::max<std::int64_t>(std::ranges::max(samples_.labels) + 1,
                                             static_cast<std::int64_t>(samples_.classNames.size()));
    if (info_.classes > 0) info_.classNames = samples_.classNames;
  }

  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return samples_.labels; }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    checkReadArguments(info_, samples, crops, out.size());
    const auto size = static_cast<std::size_t>(info_.sampleSize());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      std::copy_n(samples_.values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(samples[i]) * size),
                  size, out.begin() + static_cast<std::ptrdiff_t>(i * size));
    }
  }

 private:
  PlainSamples samples_;
  SourceInfo info_;
};

}  // namespace

std::shared_ptr<const LatentSource> makePlainSource(PlainSamples samples) {
  return std::make_shared<PlainSource>(std::move(samples));
}

}  // namespace dw::data
