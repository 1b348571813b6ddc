// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sampling_session.h"

#include <QElapsedTimer>
#include <QPointer>
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/thread_priority.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

constexpr std::int64_t kMostFrames = 101;              // of a trajectory: DDPM makes 1,000 steps
constexpr std::int64_t kMostFrameValues = 32'000'000;  // 128 MB for all states of all kept pictures
constexpr std::int64_t kMostKept = 64;

}  // namespace

PreviewTile MadeSamples::cut(const std::vector<float>& all, std::int64_t index) const {
  const auto size = sampleSize();
  PreviewTile tile{index, 0, model.channels, model.height, model.width, 1, {}};
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index * size);
  tile.values = std::make_shared<const std::vector<float>>(begin, begin + static_cast<std::ptrdiff_t>(size));
  return tile;
}

PreviewTile MadeSamples::tile(std::int64_t index) const { return cut(values, index); }
PreviewTile MadeSamples::tile(const SampleFrame& frame, std::int64_t index, bool x0) const { return cut(x0 ? frame.x0 : frame.x, index); }

PreviewTile MadeSamples::asStored(const PreviewTile& tile) const {
  if (!tile.values || (model.scale.mean.empty() && model.scale.factor.empty())) return tile;
  auto stored = *tile.values;
  model.scale.undo(stored, static_cast<std::size_t>(tile.channels), static_cast<std::size_t>(tile.height * tile.width));
  auto out = tile;
  out.values = std::make_shared<const std::vector<float>>(std::move(stored));
  return out;
}

/// What stays from one order to the next.
struct SamplingSession::Workshop {
  decltype(SamplingTools::open) opener;
  QString checkpoint;
  bool averaged = false;
  std::shared_ptr<run::SamplingModel> model;
};

struct SamplingSession::Outcome {
  std::shared_ptr<const MadeSamples> samples;  ///< null: cancelled or refused
  Problems problems;
};

SamplingSession::SamplingSession(SamplingTools tools, QObject* parent)
    : QObject(parent), tools_(std::move(tools)), workshop_(std::make_shared<Workshop>()) {
  workshop_->opener = tools_.open;
  thread_.setMaxThreadCount(1);
}

SamplingSession::~SamplingSession() { cancel(); }

void SamplingSession::cancel() {
  if (!stop_ || stop_->exchange(true)) return;
  Q_EMIT stateChanged();
}

SamplingSession::Outcome SamplingSession::work(Workshop& workshop, const QString& checkpoint, bool averaged, const run::SampleRequest& request,
                                               const std::atomic<bool>& stop, const std::function<void(double)>& progress) {
  lowerThreadPriority();
  QElapsedTimer clock;
  clock.start();
  if (!workshop.model || workshop.checkpoint != checkpoint || workshop.averaged != averaged) {
    workshop.model = nullptr;
    workshop.model = workshop.opener(checkpoint.toStdString(), averaged);
    workshop.checkpoint = checkpoint;
    workshop.averaged = averaged;
  }
  if (auto problems = workshop.model->check(request); hasErrors(problems)) return {nullptr, std::move(problems)};
  auto samples = std::make_shared<MadeSamples>();
  samples->model = workshop.model->info();
  samples->request = request;
  const auto size = samples->sampleSize();
  samples->kept = std::clamp<std::int64_t>(kMostFrameValues / (2 * size * std::min(request.steps, kMostFrames)), 1, std::min(request.count, kMostKept));
  const auto every = std::max<std::int64_t>(1, (request.steps + kMostFrames - 2) / (kMostFrames - 1));
  const auto keep = [&](const run::SampleState& state) {
    if (state.first >= samples->kept) return;
    const bool last = state.step == state.steps;
    if (state.step % every != 0 && !last) return;
    // The batches of one order come one after the other, each with all of its steps.
    auto frame = std::find_if(samples->frames.begin(), samples->frames.end(), [&](const SampleFrame& f) { return f.step == state.step; });
    if (frame == samples->frames.end()) frame = samples->frames.insert(samples->frames.end(), SampleFrame{state.step, state.t, {}, {}});
    const auto count = static_cast<std::size_t>(std::min(state.count, samples->kept - state.first) * size);
    frame->x.insert(frame->x.end(), state.x.begin(), state.x.begin() + static_cast<std::ptrdiff_t>(count));
    frame->x0.insert(frame->x0.end(), state.x0.begin(), state.x0.begin() + static_cast<std::ptrdiff_t>(count));
  };
  const auto result = workshop.model->sample(request, [&](const run::SampleState& state) {
    keep(state);
    const double done = static_cast<double>(state.first) + static_cast<double>(state.count) * static_cast<double>(state.step) / static_cast<double>(state.steps);
    progress(done / static_cast<double>(request.count));
    return !stop.load();
  });
  if (result.cancelled || stop.load()) return {};
  samples->values = result.values;
  samples->seconds = static_cast<double>(clock.elapsed()) / 1000.0;
  return {samples, {}};
}

bool SamplingSession::start(const QString& checkpoint, bool averaged, const run::SampleRequest& request) {
  if (busy_ || !workshop_->opener) return false;
  busy_ = true;
  stop_ = std::make_shared<std::atomic<bool>>(false);
  Q_EMIT stateChanged();
  const auto progress = [guard = QPointer<SamplingSession>(this)](double fraction) {
    postTo(guard, [guard, fraction] { Q_EMIT guard->progressed(fraction); });
  };
  runInPool(
      &thread_, this, [workshop = workshop_, checkpoint, averaged, request, stop = stop_, progress] { return work(*workshop, checkpoint, averaged, request, *stop, progress); },
      [this](const Outcome& outcome) {
        finish();
        if (outcome.samples) Q_EMIT made(outcome.samples);
        else if (!outcome.problems.empty()) Q_EMIT refused(outcome.problems);
        else Q_EMIT cancelled();
      },
      [this](const JobFailure& failure) {
        finish();
        Q_EMIT failed(failure.sentence, failure.remedy);
      });
  return true;
}

void SamplingSession::finish() {
  busy_ = false;
  stop_.reset();
  Q_EMIT stateChanged();
}

}  // namespace dw::ui
