// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/noise/noise_lab.h"

#include <algorithm>
#include <utility>

#include "session/background_job.h"
#include "session/dataset/dataset_session.h"

namespace dw::ui {
namespace {

constexpr double kApart = 0.005;  // shares of two points of a curve
constexpr double kFall = 1e-4;    // between their values
constexpr double kMostAlphaBar = 0.9999;
constexpr std::int64_t kAtOnce = 50'000;  // tables of so many steps take less than a frame

using Curves = std::pair<std::shared_ptr<const ScheduleCurve>, std::shared_ptr<const ScheduleCurve>>;

std::shared_ptr<const ScheduleCurve> curveOf(const config::ScheduleSettings& settings) {
  return std::make_shared<const ScheduleCurve>(ScheduleCurve{settings, schedule::makeNoiseSchedule(settings)});
}

Curves curvesOf(const config::ScheduleSettings& settings, std::optional<config::ScheduleKind> comparedKind) {
  Curves curves{curveOf(settings), nullptr};
  if (!comparedKind) return curves;
  auto other = settings;
  other.kind = *comparedKind;
  if (schedule::validate(other).empty()) curves.second = curveOf(other);
  return curves;
}

}  // namespace

NoiseLab::NoiseLab(DatasetSession* dataset, QObject* parent)
    : QObject(parent), dataset_(dataset), curve_(curveOf(settings_)) {
  t_ = steps() / 2;
  connect(dataset_, &DatasetSession::opened, this, &NoiseLab::takeDataset);
  connect(dataset_, &DatasetSession::closed, this, &NoiseLab::takeDataset);
  if (dataset_->isOpen()) takeDataset();
}

NoiseLab::~NoiseLab() = default;

void NoiseLab::setSettings(const config::ScheduleSettings& settings) {
  if (settings == settings_ && problems_.empty()) return;
  settings_ = settings;
  problems_ = schedule::validate(settings_);
  Q_EMIT problemsChanged();
  if (problems_.empty()) recompute();
}

std::vector<schedule::CurvePoint> NoiseLab::curvePoints() const {
  if (settings_.kind != config::ScheduleKind::Custom) return {};
  auto points = schedule::parseCurve(settings_.points);
  return schedule::validateCurve(points).empty() ? points : std::vector<schedule::CurvePoint>();
}

void NoiseLab::setPoints(const std::vector<schedule::CurvePoint>& points) {
  auto settings = settings_;
  settings.points = schedule::curveText(points);
  setSettings(settings);
}

void NoiseLab::moveCurvePoint(int index, schedule::CurvePoint to) {
  auto points = curvePoints();
  const auto i = static_cast<std::size_t>(index);
  if (index < 0 || i >= points.size()) return;
  const bool first = i == 0, last = i + 1 == points.size();
  const auto within = [](double value, double low, double high) {
    return low > high ? low : std::clamp(value, low, high);
  };
  points[i].share = first  ? 0.0
                    : last ? 1.0
                           : within(to.share, points[i - 1].share + kApart, points[i + 1].share - kApart);
  points[i].alphaBar = within(to.alphaBar, last ? 0.0 : points[i + 1].alphaBar + kFall,
                              first ? kMostAlphaBar : points[i - 1].alphaBar - kFall);
  setPoints(points);
}

void NoiseLab::addCurvePoint(schedule::CurvePoint point) {
  auto points = curvePoints();
  const auto after =
      std::find_if(points.begin(), points.end(), [&](const schedule::CurvePoint& p) { return p.share > point.share; });
  if (after == points.begin() || after == points.end()) return;
  const auto before = after - 1;
  if (after->share - point.share < kApart || point.share - before->share < kApart) return;
  point.alphaBar = std::clamp(point.alphaBar, after->alphaBar, before->alphaBar);
  if (before->alphaBar - after->alphaBar < 2.0 * kFall) return;
  point.alphaBar = std::clamp(point.alphaBar, after->alphaBar + kFall, before->alphaBar - kFall);
  points.insert(after, point);
  setPoints(points);
}

void NoiseLab::removeCurvePoint(int index) {
  auto points = curvePoints();
  if (index < 1 || static_cast<std::size_t>(index) + 1 >= points.size() || points.size() <= 3) return;
  points.erase(points.begin() + index);
  setPoints(points);
}

void NoiseLab::setCompared(std::optional<config::ScheduleKind> kind) {
  if (kind == comparedKind_) return;
  comparedKind_ = kind;
  if (problems_.empty()) recompute();
}

void NoiseLab::recompute() {
  const auto id = ++scheduleId_;
  if (settings_.steps <= kAtOnce) {
    auto curves = curvesOf(settings_, comparedKind_);
    return take(std::move(curves.first), std::move(curves.second));
  }
  runInBackground(
      this, [settings = settings_, kind = comparedKind_] { return curvesOf(settings, kind); },
      [this, id](const Curves& curves) {
        if (id == scheduleId_) take(curves.first, curves.second);
      },
      [this](const JobFailure& failure) { Q_EMIT readFailed(failure.sentence, failure.remedy); });
}

void NoiseLab::take(std::shared_ptr<const ScheduleCurve> curve, std::shared_ptr<const ScheduleCurve> compared) {
  // The same place on the way to noise, whatever T is now.
  const double share = steps() > 1 ? static_cast<double>(t_) / static_cast<double>(steps() - 1) : 0.5;
  const bool otherLength = curve->tables.steps() != steps();
  curve_ = std::move(curve);
  compared_ = std::move(compared);
  if (otherLength) t_ = static_cast<qint64>(share * static_cast<double>(steps() - 1) + 0.5);
  Q_EMIT scheduleChanged();
}

void NoiseLab::setT(qint64 t) {
  t = std::clamp<qint64>(t, 0, steps() - 1);
  if (t == t_) return;
  t_ = t;
  Q_EMIT timeChanged(t_);
}

void NoiseLab::setSample(qint64 sample, qint64 crop) {
  if (!dataset_->isOpen()) return;
  const auto& info = dataset_->source()->info();
  if (sample < 0 || sample >= info.samples || crop < 0 || crop >= info.crops) return;
  sample_ = sample;
  crop_ = crop;
  readSample();
}

void NoiseLab::setNoiseSeed(quint64 seed) {
  if (seed == noiseSeed_) return;
  noiseSeed_ = seed;
  if (!hasSample()) return;
  noise_ = tileOf(schedule::noiseOfSeed(noiseSeed_, x0_.values->size()));
  Q_EMIT sampleChanged();
}

void NoiseLab::setScale(const data::ValueScale& scale) {
  if (scale == scale_) return;
  scale_ = scale;
  if (!hasSample()) return;
  rescale();
  Q_EMIT sampleChanged();
}

void NoiseLab::takeDataset() {
  ++sampleId_;
  sample_ = crop_ = 0;
  stored_.clear();
  x0_ = noise_ = {};
  Q_EMIT sampleChanged();
  if (dataset_->isOpen()) readSample();
}

void NoiseLab::readSample() {
  const auto id = ++sampleId_;
  runInBackground(
      this,
      [source = dataset_->source(), sample = std::int64_t{sample_}, crop = std::int64_t{crop_}] {
        std::vector<float> values(static_cast<std::size_t>(source->info().sampleSize()));
        source->read(std::span(&sample, 1), std::span(&crop, 1), values);
        return values;
      },
      [this, id](const std::vector<float>& values) {
        if (id != sampleId_ || !dataset_->isOpen()) return;
        stored_ = values;
        const auto& info = dataset_->source()->info();
        x0_ = {sample_, crop_, info.channels, info.height, info.width, 1, {}};
        rescale();
        if (!noise_.values || noise_.values->size() != stored_.size())
          noise_ = tileOf(schedule::noiseOfSeed(noiseSeed_, stored_.size()));
        Q_EMIT sampleChanged();
      },
      [this, id](const JobFailure& failure) {
        if (id == sampleId_) Q_EMIT readFailed(failure.sentence, failure.remedy);
      });
}

void NoiseLab::rescale() {
  auto values = stored_;
  const auto channels = static_cast<std::size_t>(x0_.channels);
  // Figures of another dataset cannot be this one's.
  const auto fits = [channels](const std::vector<double>& list) { return list.empty() || list.size() == channels; };
  if (!fits(scale_.mean) || !fits(scale_.factor)) scale_ = {};
  scale_.apply(values, channels, static_cast<std::size_t>(x0_.height * x0_.width));
  x0_.values = std::make_shared<const std::vector<float>>(std::move(values));
}

PreviewTile NoiseLab::tileOf(std::vector<float> values) const {
  auto tile = x0_;
  tile.values = std::make_shared<const std::vector<float>>(std::move(values));
  return tile;
}

PreviewTile NoiseLab::noised(qint64 t) const {
  if (!hasSample()) return {};
  std::vector<float> values(x0_.values->size());
  schedule::addNoise(*x0_.values, *noise_.values, schedule::forwardTerms(curve_->tables, t), values);
  return tileOf(std::move(values));
}

PreviewTile NoiseLab::asStored(const PreviewTile& tile) const { return unscaled(tile, scale_); }

}  // namespace dw::ui
