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

constexpr std::int64_t kMostFrames = 101;              // of a trajectory: DDPM makes 1,000 steps
constexpr std::int64_t kMostFrameValues = 32'000'000;  // 128 MB for all states of all kept pictures
constexpr std::int64_t kMostKept = 64;

/// Collects the way of the first pictures.
class FrameKeeper {
 public:
  explicit FrameKeeper(MadeSamples& samples) : samples_(samples), size_(samples.sampleSize()) {
    const auto steps = samples.request.steps;
    every_ = std::max<std::int64_t>(1, (steps + kMostFrames - 2) / (kMostFrames - 1));
    const auto most = kMostFrameValues / std::max<std::int64_t>(1, 2 * size_ * std::min(steps, kMostFrames));
    samples.kept = std::clamp<std::int64_t>(most, 1, std::min(samples.request.count, kMostKept));
  }

  void take(const inference::SampleState& state) {
    if (state.first >= samples_.kept || (state.step % every_ != 0 && state.step != state.steps)) return;
    // The batches of one order come one after the other, each with all of its steps.
    auto& frames = samples_.frames;
    auto frame = std::find_if(frames.begin(), frames.end(), [&](const SampleFrame& f) { return f.step == state.step; });
    if (frame == frames.end()) frame = frames.insert(frames.end(), SampleFrame{state.step, state.t, {}, {}});
    const auto count = static_cast<std::ptrdiff_t>(std::min(state.count, samples_.kept - state.first) * size_);
    frame->x.insert(frame->x.end(), state.x.begin(), state.x.begin() + count);
    frame->x0.insert(frame->x0.end(), state.x0.begin(), state.x0.begin() + count);
  }

 private:
  MadeSamples& samples_;
  std::int64_t size_ = 0, every_ = 1;
};

/// Reads the context of the sample that the order names into its request.
Problems takeContext(const SampleOrder& order, const inference::SampledModel& model, inference::SampleRequest& request) {
  if (order.contextOf < 0 || !model.takesContext()) return {};
  const auto* context = order.source ? order.source->context() : nullptr;
  const auto refuse = [](const char* sentence) {
    return Problems{{.field = "context", .severity = Severity::Error, .sentence = sentence, .remedy = "open the dataset that the run was trained on", .fix = {}}};
  };
  if (context == nullptr) return refuse("the open dataset has no context vectors");
  const auto& info = order.source->info();
  if (info.contextDim != model.model.ctxDim || info.contextRows != model.contextRows) return refuse("the context vectors of the open dataset have another size than the model's");
  if (order.contextOf >= info.samples) return refuse("the open dataset has no such sample");
  request.context.resize(static_cast<std::size_t>(context->info().sampleSize()));
  const std::int64_t crop = 0;
  context->read({&order.contextOf, 1}, {&crop, 1}, request.context);
  return {};
}

}  // namespace

std::int64_t MadeSamples::labelOf(std::int64_t index) const {
  const auto& labels = request.labels;
  if (labels.empty()) return -1;
  return labels.size() == 1 ? labels.front() : labels[static_cast<std::size_t>(index)];
}

PreviewTile MadeSamples::cut(const std::vector<float>& all, std::int64_t index) const {
  const auto size = sampleSize();
  PreviewTile tile{index, 0, model.channels, model.height, model.width, 1, {}};
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index * size);
  tile.values = std::make_shared<const std::vector<float>>(begin, begin + static_cast<std::ptrdiff_t>(size));
  return tile;
}

PreviewTile MadeSamples::tile(std::int64_t index) const { return cut(values, index); }
PreviewTile MadeSamples::tile(const SampleFrame& frame, std::int64_t index, bool x0) const { return cut(x0 ? frame.x0 : frame.x, index); }

PreviewTile MadeSamples::asStored(const PreviewTile& tile) const { return unscaled(tile, model.scale); }

std::vector<float> MadeSamples::stored() const {
  auto numbers = values;
  model.scale.undo(numbers, static_cast<std::size_t>(model.channels), static_cast<std::size_t>(model.height * model.width));
  return numbers;
}

/// What stays from one order to the next.
struct SamplingSession::Workshop {
  decltype(SamplingTools::open) opener;
  QString checkpoint;
  bool averaged = false;
  std::shared_ptr<inference::SamplingModel> model;

  void open(const SampleOrder& order) {
    if (model && checkpoint == order.checkpoint && averaged == order.averaged) return;
    model = nullptr;  // its memory goes before the next one comes
    model = opener(order.checkpoint.toStdString(), order.averaged);
    checkpoint = order.checkpoint;
    averaged = order.averaged;
  }
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

SamplingSession::Outcome SamplingSession::work(Workshop& workshop, const SampleOrder& order, const std::atomic<bool>& stop,
                                               const std::function<void(double)>& progress) {
  lowerThreadPriority();
  QElapsedTimer clock;
  clock.start();
  workshop.open(order);
  if (stop.load()) return {};
  auto& model = *workshop.model;
  auto samples = std::make_shared<MadeSamples>();
  samples->model = model.info();
  samples->request = order.request;
  auto problems = takeContext(order, samples->model, samples->request);
  if (!hasErrors(problems)) problems = model.check(samples->request);
  if (hasErrors(problems)) return {nullptr, std::move(problems)};
  FrameKeeper keeper(*samples);
  const auto count = static_cast<double>(order.request.count);
  auto result = model.sample(samples->request, [&](const inference::SampleState& state) {
    keeper.take(state);
    const double share = static_cast<double>(state.step) / static_cast<double>(state.steps);
    progress((static_cast<double>(state.first) + static_cast<double>(state.count) * share) / count);
    return !stop.load();
  });
  if (result.cancelled || stop.load()) return {};
  samples->values = std::move(result.values);
  samples->seconds = static_cast<double>(clock.elapsed()) / 1000.0;
  return {samples, {}};
}

bool SamplingSession::start(const SampleOrder& order) {
  if (busy_ || !workshop_->opener) return false;
  busy_ = true;
  stop_ = std::make_shared<std::atomic<bool>>(false);
  Q_EMIT stateChanged();
  const auto progress = [guard = QPointer<SamplingSession>(this)](double fraction) {
    postTo(guard, [guard, fraction] { Q_EMIT guard->progressed(fraction); });
  };
  runInPool(
      &thread_, this, [workshop = workshop_, order, stop = stop_, progress] { return work(*workshop, order, *stop, progress); },
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
