// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/dataset_jobs.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "data/channel_statistics.h"
#include "data/latent_preview.h"

namespace dw::ui {
namespace {

constexpr std::int64_t kMostPictures = 256;           // of one sample: more channels than that nobody looks at
constexpr std::int64_t kQuickSamples = 32;
constexpr std::int64_t kQuickValues = 4'000'000;      // read at most this many numbers while opening

PreviewPixels toPixels(const data::PreviewImage& image) {
  return {image.width, image.height,
          QByteArray(reinterpret_cast<const char*>(image.rgb.data()), static_cast<qsizetype>(image.rgb.size()))};
}

std::vector<float> readCrop(const data::LatentSource& source, std::int64_t sample, std::int64_t crop) {
  std::vector<float> values(static_cast<std::size_t>(source.info().sampleSize()));
  source.read(std::span(&sample, 1), std::span(&crop, 1), values);
  return values;
}

std::span<const float> plane(std::span<const float> sample, const data::SourceInfo& info, std::int64_t channel) {
  const auto size = static_cast<std::size_t>(info.height * info.width);
  return sample.subspan(static_cast<std::size_t>(channel) * size, size);
}

PreviewPixels paintChannel(std::span<const float> sample, const data::SourceInfo& info, std::int64_t channel, float limit) {
  return toPixels(data::previewChannel(plane(sample, info, channel), static_cast<int>(info.height),
                                       static_cast<int>(info.width), limit));
}

/// Every channel beside the next, [H, C * W].
PreviewPixels paintRow(std::span<const float> sample, const data::SourceInfo& info, float limit) {
  const auto channels = std::min(info.channels, kMostPictures);
  const int width = static_cast<int>(info.width);
  PreviewPixels row{static_cast<int>(channels) * width, static_cast<int>(info.height), {}};
  row.rgb.resize(qsizetype{3} * row.width * row.height);
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto picture = paintChannel(sample, info, c, limit);
    for (int y = 0; y < row.height; ++y) {
      std::memcpy(row.rgb.data() + 3 * (qsizetype{y} * row.width + c * width), picture.rgb.constData() + qsizetype{3} * y * width,
                  static_cast<std::size_t>(3 * width));
    }
  }
  return row;
}

/// Two passes, so that a large mean does not eat the digits of a small deviation.
ChannelSummary summarize(std::span<const float> values) {
  ChannelSummary summary;
  double sum = 0.0;
  std::int64_t count = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const double v = static_cast<double>(value);
    summary.min = count == 0 ? v : std::min(summary.min, v);
    summary.max = count == 0 ? v : std::max(summary.max, v);
    sum += v;
    ++count;
  }
  summary.notFinite = static_cast<std::int64_t>(values.size()) - count;
  if (count == 0) return summary;
  summary.mean = sum / static_cast<double>(count);
  double squares = 0.0;
  for (const float value : values) {
    if (std::isfinite(value)) squares += (static_cast<double>(value) - summary.mean) * (static_cast<double>(value) - summary.mean);
  }
  summary.std = std::sqrt(squares / static_cast<double>(count));
  return summary;
}

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

Problems constantChannels(const std::vector<data::ChannelFacts>& channels) {
  Problems problems;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    if (channels[c].count == 0 || channels[c].std > 0.0) continue;
    problems.push_back({"channel " + std::to_string(c), Severity::Warning,
                        QCoreApplication::translate("CheckUp", "Channel %1 has the same value (%2) everywhere.")
                            .arg(c).arg(channels[c].mean).toStdString(),
                        QCoreApplication::translate("CheckUp", "Nothing can be learned from it; check how the file was written.").toStdString(), {}});
  }
  return problems;
}

}  // namespace

struct PreviewMaker::Projection {
  data::RgbProjection rgb;
};

PreviewMaker::PreviewMaker(std::shared_ptr<const data::LatentSource> source, float defaultLimit)
    : source_(std::move(source)), defaultLimit_(defaultLimit),
      projection_(std::make_unique<Projection>(Projection{data::fitProjection(*source_)})) {}

PreviewMaker::~PreviewMaker() = default;

PreviewPixels PreviewMaker::make(const PreviewWish& wish) const {
  const auto& info = source_->info();
  const auto values = readCrop(*source_, wish.sample, wish.crop);
  const float limit = wish.limit > 0.0F ? wish.limit : defaultLimit_;
  switch (wish.kind) {
    case PreviewKind::OneChannel: return paintChannel(values, info, wish.channel, limit);
    case PreviewKind::AllChannels: return paintRow(values, info, limit);
    case PreviewKind::Colour: break;
  }
  return toPixels(data::previewRgb(values, info, projection_->rgb));
}

SampleValues PreviewMaker::makeSample(std::int64_t sample, std::int64_t crop, float limit) const {
  const auto& info = source_->info();
  auto values = std::make_shared<const std::vector<float>>(readCrop(*source_, sample, crop));
  SampleValues result{.sample = sample, .crop = crop, .channels = info.channels, .height = info.height, .width = info.width,
                      .values = values, .summaries = {}, .colour = toPixels(data::previewRgb(*values, info, projection_->rgb)),
                      .pictures = {}};
  for (std::int64_t c = 0; c < std::min(info.channels, kMostPictures); ++c) {
    result.summaries.push_back(summarize(plane(*values, info, c)));
    result.pictures.push_back(paintChannel(*values, info, c, limit > 0.0F ? limit : defaultLimit_));
  }
  return result;
}

PreviewPixels PreviewMaker::legend(int width) {
  std::vector<float> ramp(static_cast<std::size_t>(width));
  for (int x = 0; x < width; ++x) ramp[static_cast<std::size_t>(x)] = 2.0F * static_cast<float>(x) / static_cast<float>(width - 1) - 1.0F;
  return toPixels(data::previewChannel(ramp, 1, width, 1.0F));
}

QuickLook takeQuickLook(const data::LatentSource& source) {
  const auto& info = source.info();
  const auto wanted = std::clamp<std::int64_t>(kQuickValues / std::max<std::int64_t>(1, info.sampleSize()), 1, kQuickSamples);
  const auto samples = std::min(wanted, info.samples);
  std::vector<float> sizes;
  for (std::int64_t i = 0; i < samples; ++i) {
    for (const float value : readCrop(source, i * info.samples / samples, 0)) {
      if (std::isfinite(value)) sizes.push_back(std::abs(value));
    }
  }
  if (sizes.empty()) return {};
  const auto place = sizes.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size() - 1) * 0.995);
  std::nth_element(sizes.begin(), place, sizes.end());
  return {.limit = *place > 0.0F ? *place : 1.0F};
}

CheckUp runCheckUp(const data::LatentSource& source, const std::atomic<bool>& stop, const std::function<void(double)>& progress) {
  QElapsedTimer timer, sinceReport;
  timer.start();
  sinceReport.start();
  const auto statistics = data::channelStatistics(source, 0, [&](double fraction) {
    if (sinceReport.elapsed() >= 50) {  // a progress bar needs no more
      progress(fraction);
      sinceReport.restart();
    }
    return !stop.load(std::memory_order_relaxed);
  });
  CheckUp result;
  for (const auto& c : statistics.channels) result.channels.push_back({c.mean, c.std, c.min, c.max, 0});
  const double deviation = totalDeviation(statistics.channels);
  result.suggestedScale = deviation > 0.0 ? 1.0 / deviation : 0.0;
  result.seconds = static_cast<double>(timer.elapsed()) / 1000.0;
  result.samplesRead = statistics.samplesRead;
  result.complete = statistics.complete;
  result.problems = data::problemsOf(statistics);
  for (auto& problem : constantChannels(statistics.channels)) result.problems.push_back(std::move(problem));
  return result;
}

}  // namespace dw::ui
