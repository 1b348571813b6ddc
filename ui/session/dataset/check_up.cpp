// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset/check_up.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <algorithm>
#include <cmath>

#include "data/channel_statistics.h"

namespace dw::ui {
namespace {

/// Standard deviation of all channels together, from those of each.
double totalDeviation(const std::vector<data::ChannelFacts>& channels) {
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

QString words(const char* text) { return QCoreApplication::translate("CheckUp", text); }

Problems constantChannels(const std::vector<data::ChannelFacts>& channels) {
  Problems problems;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    if (channels[c].count == 0 || channels[c].std > 0.0) continue;
    problems.push_back({"channel " + std::to_string(c), Severity::Warning,
                        words("Channel %1 has the same value (%2) everywhere.").arg(c).arg(channels[c].mean).toStdString(),
                        words("Nothing can be learned from it; check how the file was written.").toStdString(), {}});
  }
  return problems;
}

std::vector<std::int64_t> countLabels(const data::LatentSource& source) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(source.labels().empty() ? 0 : source.info().classes));
  for (const auto label : source.labels()) {
    if (label >= 0 && static_cast<std::size_t>(label) < counts.size()) ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

}  // namespace

bool areUneven(const std::vector<ChannelSummary>& channels) {
  if (channels.size() < 2) return false;
  double squares = 0.0, least = 0.0, most = 0.0;
  for (const auto& c : channels) {
    squares += c.std * c.std;
    if (c.std <= 0.0) continue;  // constant: a finding of its own
    least = least > 0.0 ? std::min(least, c.std) : c.std;
    most = std::max(most, c.std);
  }
  const double typical = std::sqrt(squares / static_cast<double>(channels.size()));
  const bool shifted = std::any_of(channels.begin(), channels.end(), [&](const auto& c) { return std::abs(c.mean) > 0.5 * typical; });
  return typical > 0.0 && (shifted || most > 1.5 * least);
}

CheckUp runCheckUp(const data::LatentSource& source, float range, const std::atomic<bool>& stop,
                   const std::function<void(double)>& progress) {
  QElapsedTimer timer, sinceReport;
  timer.start();
  sinceReport.start();
  auto histogram = std::make_shared<data::ValueHistogram>(source.info().channels, range);
  const auto statistics = data::channelStatistics(
      source, 0,
      [&](double fraction) {
        if (sinceReport.elapsed() >= 50) {  // a progress bar needs no more
          progress(fraction);
          sinceReport.restart();
        }
        return !stop.load(std::memory_order_relaxed);
      },
      [&](std::int64_t channel, std::span<const float> plane) { histogram->add(channel, plane); });
  CheckUp result;
  const auto& info = source.info();
  const auto each = static_cast<std::uint64_t>(statistics.samplesRead * info.crops * info.height * info.width);
  for (const auto& c : statistics.channels) {
    result.channels.push_back({c.mean, c.std, c.min, c.max, static_cast<std::int64_t>(each - c.count)});
  }
  const double deviation = totalDeviation(statistics.channels);
  result.suggestedScale = deviation > 0.0 ? 1.0 / deviation : 0.0;
  result.unevenChannels = areUneven(result.channels);
  result.seconds = static_cast<double>(timer.elapsed()) / 1000.0;
  result.samplesRead = statistics.samplesRead;
  result.complete = statistics.complete;
  result.badSamples = statistics.badSamples;
  result.perClass = countLabels(source);
  result.histogram = histogram;
  result.problems = data::problemsOf(statistics);
  for (auto& problem : constantChannels(statistics.channels)) result.problems.push_back(std::move(problem));
  return result;
}

}  // namespace dw::ui
