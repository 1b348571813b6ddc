// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sampling/sample_decoder.h"

#include <QPointer>
#include <algorithm>
#include <span>
#include <utility>

#include "base/thread_priority.h"
#include "data/pictures/rgb_projection.h"
#include "inference/sample_set.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

constexpr std::size_t kKept = 2;  // A and B

}  // namespace

SampleDecoder::SampleDecoder(Opener opener, QObject* parent)
    : QObject(parent), opener_(std::move(opener)), stop_(std::make_shared<std::atomic<bool>>(false)) {
  thread_.setMaxThreadCount(1);
}

SampleDecoder::~SampleDecoder() { stop_->store(true); }

void SampleDecoder::close() {
  stop_->store(true);  // what it has not finished is of no use
  stop_ = std::make_shared<std::atomic<bool>>(false);
  jobs_.clear();
  decoder_ = nullptr;
  path_.clear();
}

void SampleDecoder::open(const QString& path) {
  close();
  path_ = path;
  runInPool(
      &thread_, this, [opener = opener_, file = path.toStdString()] { return opener(file); },
      [this, path](const std::shared_ptr<const inference::LatentDecoder>& decoder) {
        if (path != path_) return;
        decoder_ = decoder;
        Q_EMIT opened();
      },
      [this, path](const JobFailure& failure) {
        if (path == path_) Q_EMIT refused(failure.sentence, failure.remedy);
      });
}

SampleDecoder::Pictures SampleDecoder::picturesOf(const std::shared_ptr<const inference::SampleSet>& samples) {
  if (!decoder_ || !samples) return {};
  const auto known = std::ranges::find(jobs_, samples, &Job::samples);
  if (known != jobs_.end()) return known->pictures;
  if (jobs_.size() == kKept) jobs_.erase(jobs_.begin());
  jobs_.push_back({samples, {}});
  begin(samples);
  return {};
}

void SampleDecoder::begin(const std::shared_ptr<const inference::SampleSet>& samples) {
  const auto guard = QPointer<SampleDecoder>(this);
  runInPool(
      &thread_, this,
      [guard, samples, decoder = decoder_, stop = stop_] {
        lowestThreadPriority();
        const auto latents = data::pictures::decoderScaled(samples->stored());
        const auto size = static_cast<std::size_t>(samples->sampleSize());
        for (std::size_t at = 0; at + size <= latents.size() && !stop->load(); at += size) {
          auto pictures =
              decoder->decode(std::span(latents).subspan(at, size), samples->model.height, samples->model.width);
          postTo(guard, [guard, samples, stop, picture = std::move(pictures.front())] {
            if (!stop->load()) guard->take(samples, picture);
          });
        }
        return true;
      },
      [](bool) {}, [this](const JobFailure& failure) { Q_EMIT refused(failure.sentence, failure.remedy); });
}

void SampleDecoder::take(const std::shared_ptr<const inference::SampleSet>& samples,
                         data::pictures::PreviewImage picture) {
  const auto job = std::ranges::find(jobs_, samples, &Job::samples);
  if (job == jobs_.end()) return;
  job->pictures.push_back(std::move(picture));
  // By value: what listens may ask for other pictures, which lets this job go.
  const auto newest = job->pictures.back();
  Q_EMIT decoded(samples, static_cast<int>(job->pictures.size()) - 1, newest);
}

}  // namespace dw::ui
