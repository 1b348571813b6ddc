// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sampling/sampling_session.h"

#include <QElapsedTimer>
#include <QPointer>
#include <algorithm>
#include <utility>

#include "base/thread_priority.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

/// Reads the context of the sample that the job names into its request.
Problems takeContext(const SampleJob& job, const inference::ModelFacts& model, inference::SampleRequest& request) {
  if (job.contextOf < 0 || !model.takesContext()) return {};
  const auto* context = job.source ? job.source->context() : nullptr;
  const auto refuse = [](const char* sentence) {
    return Problems{{.field = "context",
                     .severity = Severity::Error,
                     .sentence = sentence,
                     .remedy = "open the dataset that the run was trained on",
                     .fix = {}}};
  };
  if (context == nullptr) return refuse("the open dataset has no context vectors");
  const auto& info = job.source->info();
  if (info.contextDim != model.model.ctxDim || info.contextRows != model.contextRows)
    return refuse("the context vectors of the open dataset have another size than the model's");
  if (job.contextOf >= info.samples) return refuse("the open dataset has no such sample");
  request.context.resize(static_cast<std::size_t>(context->info().sampleSize()));
  const std::int64_t crop = 0;
  context->read({&job.contextOf, 1}, {&crop, 1}, request.context);
  return {};
}

}  // namespace

/// The model of the last job, which the next one may want again.
struct SamplingSession::ModelCache {
  inference::ModelOpener opener;
  QString checkpoint;
  bool averaged = false;
  std::shared_ptr<const inference::Model> model;

  void open(const SampleJob& job) {
    if (model && checkpoint == job.checkpoint && averaged == job.averaged) return;
    model = nullptr;  // its memory goes before the next one comes
    const auto weights = job.averaged ? inference::WeightChoice::AveragedIfKept : inference::WeightChoice::Last;
    model = opener(job.checkpoint.toStdString(), {.weights = weights});
    checkpoint = job.checkpoint;
    averaged = job.averaged;
  }
};

struct SamplingSession::Outcome {
  std::shared_ptr<const inference::SampleSet> samples;  ///< null: cancelled or refused
  Problems problems;
};

SamplingSession::SamplingSession(inference::Backend backend, QObject* parent)
    : QObject(parent), backend_(std::move(backend)), cache_(std::make_shared<ModelCache>()) {
  cache_->opener = backend_.open;
  thread_.setMaxThreadCount(1);
}

SamplingSession::~SamplingSession() { cancel(); }

void SamplingSession::cancel() {
  if (!stop_ || stop_->exchange(true)) return;
  Q_EMIT stateChanged();
}

SamplingSession::Outcome SamplingSession::work(ModelCache& cache, const SampleJob& job, const std::atomic<bool>& stop,
                                               const std::function<void(double)>& progress) {
  lowerThreadPriority();
  QElapsedTimer clock;
  clock.start();
  cache.open(job);
  if (stop.load()) return {};
  const auto& model = *cache.model;
  auto request = job.request;
  auto problems = takeContext(job, model.facts(), request);
  if (!hasErrors(problems)) problems = model.check(request);
  if (hasErrors(problems)) return {nullptr, std::move(problems)};
  inference::FrameKeeper keeper(model.facts(), request);
  const auto count = static_cast<double>(request.count);
  auto made = model.sample(request, [&](const inference::SampleState& state) {
    keeper.take(state);
    const double share = static_cast<double>(state.step) / static_cast<double>(state.steps);
    progress((static_cast<double>(state.first) + static_cast<double>(state.count) * share) / count);
    return !stop.load();
  });
  if (!made || stop.load()) return {};
  keeper.moveInto(*made);
  made->seconds = static_cast<double>(clock.elapsed()) / 1000.0;
  return {std::make_shared<const inference::SampleSet>(std::move(*made)), {}};
}

bool SamplingSession::start(const SampleJob& job) {
  if (busy_ || !cache_->opener) return false;
  busy_ = true;
  stop_ = std::make_shared<std::atomic<bool>>(false);
  Q_EMIT stateChanged();
  const auto progress = [guard = QPointer<SamplingSession>(this)](double fraction) {
    postTo(guard, [guard, fraction] { Q_EMIT guard->progressed(fraction); });
  };
  runInPool(
      &thread_, this, [cache = cache_, job, stop = stop_, progress] { return work(*cache, job, *stop, progress); },
      [this](const Outcome& outcome) {
        finish();
        if (outcome.samples)
          Q_EMIT made(outcome.samples);
        else if (!outcome.problems.empty())
          Q_EMIT refused(outcome.problems);
        else
          Q_EMIT cancelled();
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
