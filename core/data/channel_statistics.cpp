// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/channel_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace dw::data {
namespace {

constexpr std::int64_t kNumbersAtOnce = 1 << 20;

constexpr std::size_t kLanes = 8;  // sums that do not wait for each other; the compiler puts them side by side

/// use(lane, value) for every number.
template <class Use>
void inLanes(std::span<const float> numbers, Use use) {
  const auto whole = numbers.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) use(lane, numbers[i + lane]);
  }
  for (auto i = whole; i < numbers.size(); ++i) use(i - whole, numbers[i]);
}

double sumOf(const std::array<double, kLanes>& sums) { return std::accumulate(sums.begin(), sums.end(), 0.0); }

/// Mean and variance of blocks joined by the parallel formula of Chan, Golub, LeVeque (1979): exact enough for any length.
/// False, and nothing done, if a number is not finite.
bool join(ChannelFacts& all, double& squares, std::span<const float> numbers) {
  std::array<double, kLanes> sums{}, own{};
  std::array<float, kLanes> low, high;
  low.fill(std::numeric_limits<float>::infinity());
  high.fill(-std::numeric_limits<float>::infinity());
  inLanes(numbers, [&](std::size_t lane, float value) {
    sums[lane] += static_cast<double>(value);
    low[lane] = value < low[lane] ? value : low[lane];
    high[lane] = value > high[lane] ? value : high[lane];
  });
  const double sum = sumOf(sums);
  if (!std::isfinite(sum)) return false;  // float32 numbers alone cannot take a float64 sum there
  if (numbers.empty()) return true;
  const auto before = static_cast<double>(all.count), added = static_cast<double>(numbers.size());
  const double mean = sum / added;
  inLanes(numbers, [&](std::size_t lane, float value) {
    const double off = static_cast<double>(value) - mean;
    own[lane] += off * off;
  });
  all.min = std::min(all.min, static_cast<double>(std::ranges::min(low)));
  all.max = std::max(all.max, static_cast<double>(std::ranges::max(high)));
  const double shift = mean - all.mean;
  all.mean += shift * added / (before + added);
  squares += sumOf(own) + shift * shift * before * added / (before + added);
  all.count += numbers.size();
  return true;
}

class Scanner {
 public:
  Scanner(const LatentSource& source, const PlaneVisitor& visitor)
      : source_(source), info_(source.info()), visitor_(visitor) {
    result_.channels.resize(static_cast<std::size_t>(info_.channels));
    for (auto& channel : result_.channels) {
      channel.min = std::numeric_limits<double>::infinity();
      channel.max = -std::numeric_limits<double>::infinity();
    }
    squares_.resize(result_.channels.size());
  }

  /// All crops of the samples, in order.
  void add(std::span<const std::int64_t> samples) {
    std::vector<std::int64_t> each, crops;
    for (const auto sample : samples) {
      for (std::int64_t crop = 0; crop < info_.crops; ++crop) {
        each.push_back(sample);
        crops.push_back(crop);
      }
    }
    values_.resize(each.size() * static_cast<std::size_t>(info_.sampleSize()));
    source_.read(each, crops, values_);
    const auto plane = static_cast<std::size_t>(info_.height * info_.width);
    for (std::size_t i = 0; i < each.size() * result_.channels.size(); ++i) {
      const auto channel = i % result_.channels.size(), item = i / result_.channels.size();
      addPlane(std::span(values_).subspan(i * plane, plane),
               {each[item], crops[item], static_cast<std::int64_t>(channel)});
    }
    result_.samplesRead += static_cast<std::int64_t>(samples.size());
  }

  ChannelStatistics finish() {
    for (std::size_t c = 0; c < result_.channels.size(); ++c) {
      auto& facts = result_.channels[c];
      if (facts.count == 0) facts.min = facts.max = 0.0;
      facts.std = facts.count > 0 ? std::sqrt(squares_[c] / static_cast<double>(facts.count)) : 0.0;
    }
    result_.complete = result_.samplesRead == info_.samples;
    return std::move(result_);
  }

 private:
  void addPlane(std::span<const float> plane, const Place& place) {
    if (visitor_) visitor_(place.channel, plane);
    const auto channel = static_cast<std::size_t>(place.channel);
    if (join(result_.channels[channel], squares_[channel], plane)) return;
    finite_.clear();
    std::ranges::copy_if(plane, std::back_inserter(finite_), [](float value) { return std::isfinite(value); });
    join(result_.channels[channel], squares_[channel], finite_);
    result_.notFinite += plane.size() - finite_.size();
    if (!result_.firstNotFinite) result_.firstNotFinite = place;
    if (result_.badSamples.empty() || result_.badSamples.back() != place.sample)
      result_.badSamples.push_back(place.sample);
  }

  const LatentSource& source_;
  const SourceInfo& info_;
  const PlaneVisitor& visitor_;
  ChannelStatistics result_;
  std::vector<double> squares_;
  std::vector<float> values_;
  std::vector<float> finite_;  ///< those of a plane that has others
};

}  // namespace

ChannelStatistics channelStatistics(const LatentSource& source, std::int64_t limit, const ScanProgress& progress,
                                    const PlaneVisitor& visitor) {
  const auto& info = source.info();
  const auto total = limit <= 0 ? info.samples : std::min(limit, info.samples);
  const auto block =
      std::max<std::int64_t>(1, kNumbersAtOnce / std::max<std::int64_t>(1, info.sampleSize() * info.crops));
  const double spacing = static_cast<double>(info.samples) / static_cast<double>(total);
  Scanner scanner(source, visitor);
  for (std::int64_t done = 0; done < total;) {
    std::vector<std::int64_t> samples;
    for (; static_cast<std::int64_t>(samples.size()) < block && done < total; ++done) {
      samples.push_back(total == info.samples ? done : static_cast<std::int64_t>(static_cast<double>(done) * spacing));
    }
    scanner.add(samples);
    if (progress && !progress(static_cast<double>(done) / static_cast<double>(total))) break;
  }
  return scanner.finish();
}

}  // namespace dw::data
