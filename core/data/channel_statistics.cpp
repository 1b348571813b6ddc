// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/channel_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace dw::data {
namespace {

constexpr std::int64_t kNumbersAtOnce = 1 << 20;

/// Mean and variance of blocks joined by the parallel formula of Chan, Golub, LeVeque (1979): exact enough for any length.
void join(ChannelFacts& all, double& squares, std::span<const float> plane) {
  double sum = 0.0;
  std::uint64_t count = 0;
  for (const float value : plane) {
    if (!std::isfinite(value)) continue;
    sum += static_cast<double>(value);
    all.min = std::min(all.min, static_cast<double>(value));
    all.max = std::max(all.max, static_cast<double>(value));
    ++count;
  }
  if (count == 0) return;
  const double mean = sum / static_cast<double>(count);
  double own = 0.0;
  for (const float value : plane) {
    const double off = static_cast<double>(value) - mean;
    own += std::isfinite(value) ? off * off : 0.0;
  }
  const auto before = static_cast<double>(all.count), added = static_cast<double>(count);
  const double shift = mean - all.mean;
  all.mean += shift * added / (before + added);
  squares += own + shift * shift * before * added / (before + added);
  all.count += count;
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
    const auto before = result_.channels[channel].count;
    join(result_.channels[channel], squares_[channel], plane);
    const auto bad = plane.size() - (result_.channels[channel].count - before);
    if (bad == 0) return;
    result_.notFinite += bad;
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

Problems problemsOf(const ChannelStatistics& statistics) {
  if (statistics.notFinite == 0) return {};
  const auto& first = *statistics.firstNotFinite;
  const auto bad = statistics.badSamples.size();
  Problem problem;
  problem.field = "data";
  problem.sentence = std::to_string(statistics.notFinite) + (statistics.notFinite == 1 ? " value is" : " values are") +
                     " not finite (NaN or infinity); the first is in sample " + std::to_string(first.sample) +
                     ", crop " + std::to_string(first.crop) + ", channel " + std::to_string(first.channel);
  problem.remedy = "leave out " +
                   (bad == 1 ? std::string("that sample") : "these " + std::to_string(bad) + " samples") +
                   " (data.skip_not_finite), or make the latents again";
  return {problem};
}

void refuseNonFinite(const LatentSource& source, const ChannelStatistics& statistics) {
  const auto problems = problemsOf(statistics);
  if (!problems.empty()) throw Error(ErrorKind::BadData, source.info().path, problems[0].sentence, problems[0].remedy);
}

ChannelStatistics refuseNonFinite(const LatentSource& source, const ScanProgress& progress) {
  auto result = channelStatistics(source, 0, progress);
  refuseNonFinite(source, result);
  return result;
}

}  // namespace dw::data
