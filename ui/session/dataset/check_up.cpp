// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset/check_up.h"

#include <QElapsedTimer>
#include <cstddef>

#include "data/channel_statistics.h"

namespace dw::ui {
namespace {

std::vector<std::int64_t> countLabels(const data::LatentSource& source) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(source.labels().empty() ? 0 : source.info().classes));
  for (const auto label : source.labels()) {
    if (label >= 0 && static_cast<std::size_t>(label) < counts.size()) ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

}  // namespace

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
  result.report = data::reportOn(source.info(), statistics);
  for (std::size_t c = 0; c < statistics.channels.size(); ++c) {
    const auto& facts = statistics.channels[c];
    result.channels.push_back({facts.mean, facts.std, facts.min, facts.max, result.report.notFinite[c]});
  }
  result.seconds = static_cast<double>(timer.elapsed()) / 1000.0;
  result.samplesRead = statistics.samplesRead;
  result.complete = statistics.complete;
  result.badSamples = statistics.badSamples;
  result.perClass = countLabels(source);
  result.histogram = histogram;
  return result;
}

}  // namespace dw::ui
