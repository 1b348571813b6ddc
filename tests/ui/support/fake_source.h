// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>

#include "base/error.h"
#include "data/latent_source.h"

namespace dw::test {

/// A dataset that exists only as a formula: every value of (sample, crop, channel) is the same number, so that a test
/// knows what must be seen. Counts what was read.
class FakeSource : public data::LatentSource {
 public:
  explicit FakeSource(std::int64_t samples, std::int64_t crops = 3, std::int64_t channels = 4) {
    info_.path = "fake";
    info_.format = "hdf5";
    info_.dtype = "float16";
    info_.samples = samples;
    info_.crops = crops;
    info_.channels = channels;
    info_.height = info_.width = 8;
    info_.hasCropAxis = crops > 1;
    info_.bytes = 50'000'000;
    info_.classes = 2;
    info_.classNames = {"circle", "square"};
    labels_.resize(static_cast<std::size_t>(samples));
    for (std::size_t i = 0; i < labels_.size(); ++i) labels_[i] = static_cast<std::int64_t>(i % 2);
  }

  /// Positive in even channels, negative in odd ones; larger with the crop.
  static float value(std::int64_t sample, std::int64_t crop, std::int64_t channel) {
    const float size = 0.3F + 0.4F * static_cast<float>(crop) + 0.001F * static_cast<float>(sample % 7);
    return channel % 2 == 0 ? size : -size;
  }

  const data::SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return labels_; }

  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    if (delay.count() > 0) std::this_thread::sleep_for(delay);
    if (fails) throw Error(ErrorKind::BadData, "fake.h5: the file shrank", "open it again");
    reads += samples.size();
    auto* to = out.data();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      for (std::int64_t c = 0; c < info_.channels; ++c) {
        const float v = samples[i] == nanSample && c == 1 ? std::numeric_limits<float>::quiet_NaN()
                                                          : value(samples[i], crops[i], c);
        to = std::fill_n(to, info_.height * info_.width, v);
      }
    }
  }

  mutable std::atomic<std::size_t> reads{0};
  std::atomic<bool> fails{false};
  std::chrono::milliseconds delay{0};
  std::int64_t nanSample = -1;

 private:
  data::SourceInfo info_;
  std::vector<std::int64_t> labels_;
};

}  // namespace dw::test
