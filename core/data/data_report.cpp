// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/data_report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>

#include "base/error.h"
#include "base/text_format.h"

namespace dw::data {
namespace {

constexpr double kLeastScale = 1e-6, kMostScale = 1e6;  ///< what data.scale may be

void addNotFinite(Problems& problems, const ChannelStatistics& statistics) {
  if (statistics.notFinite == 0) return;
  const auto& first = *statistics.firstNotFinite;
  const auto bad = statistics.badSamples.size();
  Problem problem;
  problem.field = "data";
  problem.sentence = countText(statistics.notFinite, "value is", "values are") +
                     " not finite (NaN or infinity); the first is in sample " + std::to_string(first.sample) +
                     ", crop " + std::to_string(first.crop) + ", channel " + std::to_string(first.channel);
  problem.remedy = "leave out " + (bad == 1 ? std::string("that sample") : "these " + countText(bad, "sample")) +
                   " (data.skip_not_finite), or make the latents again";
  problems.push_back(std::move(problem));
}

void addConstantChannels(Problems& problems, std::span<const ChannelFacts> channels) {
  for (std::size_t c = 0; c < channels.size(); ++c) {
    if (channels[c].count == 0 || channels[c].std > 0.0) continue;  // without a finite value it is unfit anyway
    char value[32];
    std::snprintf(value, sizeof value, "%g", channels[c].mean);
    problems.push_back({.field = "channel " + std::to_string(c),
                        .severity = Severity::Warning,
                        .sentence = "channel " + std::to_string(c) + " of the dataset has the same value (" + value +
                                    ") everywhere, so nothing can be learned from it",
                        .remedy = "check how the file was written",
                        .fix = {}});
  }
}

/// Standard deviation of all channels together, from those of each.
double totalDeviation(std::span<const ChannelFacts> channels) {
  double count = 0.0, sum = 0.0, squares = 0.0;
  for (const auto& c : channels) {
    const auto n = static_cast<double>(c.count);
    count += n;
    sum += n * c.mean;
    squares += n * (c.std * c.std + c.mean * c.mean);
  }
  if (count == 0.0) return 0.0;
  const double mean = sum / count;
  return std::sqrt(std::max(0.0, squares / count - mean * mean));
}

}  // namespace

DataReport reportOn(const SourceInfo& info, const ChannelStatistics& statistics) {
  DataReport report;
  addNotFinite(report.problems, statistics);
  addConstantChannels(report.problems, statistics.channels);
  const auto each = static_cast<std::uint64_t>(statistics.samplesRead * info.crops * info.height * info.width);
  for (const auto& c : statistics.channels) report.notFinite.push_back(static_cast<std::int64_t>(each - c.count));
  const double deviation = totalDeviation(statistics.channels);
  const double scale = deviation > 0.0 ? 1.0 / deviation : 0.0;
  report.suggestedScale = scale >= kLeastScale && scale <= kMostScale ? scale : 0.0;
  report.unevenChannels = areUneven(statistics.channels);
  return report;
}

bool areUneven(std::span<const ChannelFacts> channels) {
  if (channels.size() < 2) return false;
  double squares = 0.0, least = 0.0, most = 0.0;
  for (const auto& c : channels) {
    squares += c.std * c.std;
    if (c.std <= 0.0) continue;  // constant: a finding of its own
    least = least > 0.0 ? std::min(least, c.std) : c.std;
    most = std::max(most, c.std);
  }
  const double typical = std::sqrt(squares / static_cast<double>(channels.size()));
  const bool shifted = std::ranges::any_of(channels, [&](const auto& c) { return std::abs(c.mean) > 0.5 * typical; });
  return typical > 0.0 && (shifted || most > 1.5 * least);
}

void refuseUnfit(const SourceInfo& info, const DataReport& report) {
  const auto worst = std::ranges::find(report.problems, Severity::Error, &Problem::severity);
  if (worst != report.problems.end()) throw Error(ErrorKind::BadData, info.path, worst->sentence, worst->remedy);
}

ChannelStatistics refuseUnfit(const LatentSource& source, const ScanProgress& progress) {
  auto statistics = channelStatistics(source, 0, progress);
  refuseUnfit(source.info(), reportOn(source.info(), statistics));
  return statistics;
}

}  // namespace dw::data
