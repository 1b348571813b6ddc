// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training_session.h"

#include <QThreadPool>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "base/error.h"
#include "run/metrics_file.h"
#include "run/run_folder.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

constexpr int kSeenMs = 16;
constexpr int kHiddenMs = 100;
constexpr int kReadingRestMs = 2000;       // between two readings of metrics.bin while records keep getting lost
constexpr std::size_t kChunk = 1024;       // records taken from the ring at once
constexpr int kChunksAtOnce = 64;          // four full rings: an endless producer cannot hold the window

bool isOver(run::State state) {
  return state == run::State::Idle || state == run::State::Finished || state == run::State::Failed;
}

/// The recipe of a run that was resumed; empty if its file cannot be read (the runner has read it a moment ago).
std::optional<config::Recipe> recipeOf(const std::filesystem::path& folder) {
  try {
    return run::readDescription(folder).recipe;
  } catch (const Error&) {
    return std::nullopt;
  }
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

TrainingSession::TrainingSession(run::TaskFactory makeTask, QObject* parent)
    : QObject(parent), makeTask_(std::move(makeTask)), runner_(makeTask_) {
  timer_.setTimerType(Qt::PreciseTimer);
  timer_.setInterval(kSeenMs);
  connect(&timer_, &QTimer::timeout, this, &TrainingSession::drain);
}

TrainingSession::~TrainingSession() = default;

bool TrainingSession::start(run::RunRequest request) {
  drain();
  if (!runner_.finished()) return false;
  std::optional<config::Recipe> recipe;
  if (request.resumeFrom.empty()) recipe = request.recipe;
  request.pauseOnTrouble = true;  // somebody is there to choose a remedy
  droppedBefore_ = runner_.droppedMetrics();  // now: by the time RunOpened is seen, steps may have been dropped already
  if (!runner_.start(std::move(request))) return false;
  recipe_ = std::move(recipe);
  failure_.reset();
  trouble_.reset();
  progress_.reset();
  // Nothing of the run before may pass for this one's while it is being prepared, or if that fails.
  run_.reset();
  history_.clear();
  timesteps_.clear();
  measured_.clear();
  rate_.clear();
  last_ = {};
  gapSeen_ = false;
  missing_ = {};
  savesAsked_ = 0;
  pending_ = Pending::None;
  timer_.start();
  Q_EMIT historyRewritten();
  Q_EMIT measurementsRewritten();
  enter(run::State::Preparing);
  return true;
}

void TrainingSession::pause() {
  if (canPause() && runner_.send(run::Pause{})) setPending(Pending::Pausing);
}

void TrainingSession::resume() {
  if (canResume() && runner_.send(run::Resume{})) setPending(Pending::Resuming);
}

void TrainingSession::stop() {
  if (canStop() && runner_.send(run::Stop{})) setPending(Pending::Stopping);
}

void TrainingSession::saveNow() {
  if (!canSave() || !runner_.send(run::SaveCheckpoint{})) return;
  ++savesAsked_;
  Q_EMIT actionsChanged();
}

bool TrainingSession::setLearningRate(double lr) {
  if (!(lr > 0.0) || !std::isfinite(lr)) return false;
  return change(config::LiveField::LearningRate, lr);
}

bool TrainingSession::send(run::Command command) { return canChange() && runner_.send(std::move(command)); }
bool TrainingSession::change(config::LiveField field, double value) { return send(run::Change{field, value}); }
bool TrainingSession::reshape(double peak, const config::LrShape& shape) { return send(run::Reshape{peak, shape}); }
bool TrainingSession::undo() { return canUndo() && send(run::Undo{}); }
bool TrainingSession::redo() { return canRedo() && send(run::Redo{}); }
bool TrainingSession::stepOnce() { return canStepOnce() && send(run::StepOnce{}); }
bool TrainingSession::goBack() { return canResume() && send(run::GoBack{}); }

bool TrainingSession::resumeAtHalfRate() {
  if (!canResume() || !send(run::HalveRate{})) return false;
  setPending(Pending::Resuming);
  return true;
}

bool TrainingSession::skipBatch() {
  if (!canResume() || !send(run::SkipBatch{})) return false;
  setPending(Pending::Resuming);
  return true;
}

bool TrainingSession::askForWeights(bool averaged) { return run_ && !isOver(state_) && runner_.send(run::CopyWeights{averaged}); }

bool TrainingSession::canTrain() const { return isOver(state_); }
bool TrainingSession::canPause() const { return state_ == run::State::Running && pending_ == Pending::None; }
bool TrainingSession::canResume() const { return state_ == run::State::Paused && pending_ == Pending::None; }
bool TrainingSession::canChange() const { return !isOver(state_) && state_ != run::State::Stopping && pending_ != Pending::Stopping; }
bool TrainingSession::canStop() const {
  return !isOver(state_) && state_ != run::State::Stopping && pending_ != Pending::Stopping;
}
bool TrainingSession::canSave() const {
  const bool alive = state_ == run::State::Running || state_ == run::State::Paused;
  return alive && pending_ != Pending::Stopping && savesAsked_ == 0;
}

std::optional<double> TrainingSession::secondsLeft() const {
  const double rate = stepsPerSecond();
  const bool goesOn = state_ == run::State::Running || state_ == run::State::Paused;
  if (!run_ || rate <= 0.0 || !goesOn || pending_ == Pending::Stopping) return std::nullopt;
  return static_cast<double>(std::max<std::int64_t>(0, run_->totalSteps - last_.step)) / rate;
}

QDateTime TrainingSession::finishClock() const {
  const auto left = secondsLeft();
  // Far dates say nothing and overflow: a century is enough.
  if (!left || *left > 100.0 * 365 * 86400) return {};
  return QDateTime::currentDateTime().addMSecs(static_cast<qint64>(*left * 1000.0));
}

void TrainingSession::setVisible(bool visible) { timer_.setInterval(visible ? kSeenMs : kHiddenMs); }

// Metrics are taken before AND after the events: what stood in the ring first has its RunOpened among these events (or
// earlier), and a state that ends the run has all its metrics in the ring by the time the event is seen.
void TrainingSession::drain() {
  const auto stateBefore = runner_.state();  // every event up to it is in the queue by now
  takeMetrics();
  const auto events = runner_.drainEvents();
  takeMetrics();
  std::size_t next = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool divides = std::holds_alternative<run::RunOpened>(events[i]) || std::holds_alternative<run::WentBack>(events[i]);
    if (!divides) continue;  // before these, fresh_ holds steps that must not be mixed with those after
    while (next <= i) takeEvent(events[next++]);
  }
  appendFresh();
  while (next < events.size()) takeEvent(events[next++]);
  if (auto weights = runner_.takeWeights()) Q_EMIT weightsArrived(weights);
  // A full queue refuses events; the state itself is never lost.
  const bool told = std::any_of(events.begin(), events.end(),
                                [](const run::Event& e) { return std::holds_alternative<run::StateChanged>(e); });
  if (!told) enter(stateBefore);
  takeMissing();
  if (isOver(state_) && runner_.finished() && !missing_.valid() && !gapSeen_) timer_.stop();
}

void TrainingSession::appendFresh() {
  if (fresh_.isEmpty()) return;
  const QList<run::StepMetrics> metrics = std::exchange(fresh_, {});
  gapSeen_ = !history_.append(metrics) || gapSeen_;
  for (const auto& m : metrics) {
    rate_.add(m.stepMs / 1000.0);
    timesteps_.append(m);
  }
  measured_.append(metrics);
  last_ = metrics.back();
  Q_EMIT metricsAppended(metrics);
}

void TrainingSession::takeMetrics() {
  std::array<run::StepMetrics, kChunk> chunk;
  for (int i = 0; i < kChunksAtOnce; ++i) {
    const auto count = runner_.drainMetrics(chunk);
    for (std::size_t k = 0; k < count; ++k) fresh_.append(chunk[k]);
    if (count < kChunk) return;
  }
}

void TrainingSession::takeEvent(const run::Event& event) {
  const auto opened = [this](const run::RunOpened& e) {
    run_ = e;
    live_ = e.live;
    progress_.reset();
    history_.clear();
    timesteps_.clear();
    rate_.clear();
    last_ = {};
    last_.step = e.firstStep;
    gapSeen_ = e.firstStep > 0;  // the steps before are in the run's file
    missing_ = {};               // of the run before
    if (!recipe_) recipe_ = recipeOf(e.folder);
    Q_EMIT runOpened(e);
    measured_.clear();
    Q_EMIT measurementsRewritten();
    if (e.firstStep > 0) readMeasurements();
    Q_EMIT liveChanged();
  };
  const auto saved = [this](const run::CheckpointSaved& e) {
    savesAsked_ = 0;
    Q_EMIT checkpointSaved(e);
    Q_EMIT actionsChanged();
  };
  const auto prepared = [this](const run::Progress& e) { progress_ = e, Q_EMIT progress(e); };
  const auto measured = [this](const run::Validated& e) { measured_.append(e.point), Q_EMIT validated(e.point); };
  const auto broken = [this](const run::Failed& e) { failure_ = e, Q_EMIT failed(e); };
  std::visit(Overloaded{[this](const run::StateChanged& e) { enter(e.to); }, opened, prepared, saved,
                        [this](const run::CommandApplied& e) { takeApplied(e); },
                        [this](const run::CommandRefused& e) {
                          if (pending_ == Pending::Resuming) setPending(Pending::None);  // a remedy that could not be applied
                          Q_EMIT commandRefused(e);
                        },
                        [this](const run::Trouble& e) { trouble_ = e, Q_EMIT troubled(e), Q_EMIT actionsChanged(); },
                        [this](const run::WentBack& e) { takeWentBack(e); },
                        measured,
                        [this](const run::Warning& e) { Q_EMIT warningRaised(e); }, broken},
             event);
}

void TrainingSession::takeApplied(const run::CommandApplied& applied) {
  // A save of weights that are on the disk already writes no checkpoint and answers only here.
  if (applied.name == "save") savesAsked_ = 0;
  if (applied.number > 0) setLive(applied.after);
  Q_EMIT commandApplied(applied);
  Q_EMIT actionsChanged();
}

void TrainingSession::takeWentBack(const run::WentBack& back) {
  // Of the steps drained with this event, those before the first that counts lower were made before it.
  const auto from = std::adjacent_find(fresh_.begin(), fresh_.end(), [](const auto& a, const auto& b) { return b.step <= a.step; });
  const bool allAfter = !fresh_.isEmpty() && fresh_.front().step <= last_.step;
  QList<run::StepMetrics> after;
  if (allAfter) after = std::exchange(fresh_, {});
  else if (from != fresh_.end()) {
    after = QList<run::StepMetrics>(std::next(from), fresh_.end());
    fresh_.erase(std::next(from), fresh_.end());
  }
  appendFresh();
  fresh_ = std::move(after);
  history_.dropFrom(back.to + 1);
  last_ = {};
  last_.step = back.to;
  missing_ = {};  // read before the run went back
  measured_.clear();
  if (run_) readMeasurements();
  timesteps_.clear();  // sums of several steps cannot be taken apart again: the run's file has them
  gapSeen_ = back.to > 0;
  trouble_.reset();
  setLive(back.live);
  Q_EMIT historyRewritten();
  Q_EMIT measurementsRewritten();
  Q_EMIT wentBack(back);
  Q_EMIT actionsChanged();
}

void TrainingSession::setLive(const run::LiveState& live) {
  live_ = live;
  if (run_) run_->totalSteps = live.settings.totalSteps;
  Q_EMIT liveChanged();
}

void TrainingSession::enter(run::State next) {
  if (next == state_) return;
  state_ = next;
  const bool answered = (pending_ == Pending::Pausing && next == run::State::Paused) ||
                        (pending_ == Pending::Resuming && next == run::State::Running) ||
                        next == run::State::Stopping || isOver(next);
  if (answered) pending_ = Pending::None;
  if (next == run::State::Running || isOver(next)) trouble_.reset();
  if (isOver(next)) savesAsked_ = 0;
  const bool resting = isOver(next) || next == run::State::Paused;
  // Records dropped at the very end leave no gap between two steps, only a higher count.
  if (resting && run_ && runner_.droppedMetrics() > droppedBefore_) gapSeen_ = true;
  Q_EMIT stateChanged(next);
  Q_EMIT actionsChanged();
}

void TrainingSession::setPending(Pending pending) {
  pending_ = pending;
  Q_EMIT actionsChanged();
}

TrainingSession::FromFile TrainingSession::readFile(const std::filesystem::path& folder) {
  FromFile read;
  const auto metrics = run::readMetrics(folder / "metrics.bin");
  read.history.append(metrics);
  for (const auto& m : metrics) read.timesteps.append(m);
  return read;
}

void TrainingSession::readMeasurements() {
  const auto folder = run_->folder;
  runInBackground(
      this, [folder] { return MeasurementHistory::read(folder); },
      [this, folder](const MeasurementHistory& earlier) {
        if (!run_ || run_->folder != folder) return;  // another run was started meanwhile
        measured_.putBefore(earlier);
        Q_EMIT measurementsRewritten();
      },
      [this](const JobFailure& failure) { Q_EMIT warningRaised({failure.sentence.toStdString(), failure.remedy.toStdString()}); });
}

void TrainingSession::takeMissing() {
  if (missing_.valid() && missing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    try {
      auto read = missing_.get();
      history_.merge(std::move(read.history));
      timesteps_.merge(std::move(read.timesteps));
      Q_EMIT historyRewritten();
    } catch (const Error& e) {
      Q_EMIT warningRaised({e.what(), e.remedy()});
    }
  }
  if (!gapSeen_ || missing_.valid() || !run_) return;
  const bool rested = !sinceReading_.isValid() || sinceReading_.elapsed() > kReadingRestMs;
  if (rested || isOver(state_)) askForMissing();
}

void TrainingSession::askForMissing() {
  gapSeen_ = false;
  droppedBefore_ = runner_.droppedMetrics();
  sinceReading_.start();
  auto reading = std::make_shared<std::packaged_task<FromFile()>>([folder = run_->folder] { return readFile(folder); });
  missing_ = reading->get_future();
  QThreadPool::globalInstance()->start([reading] { (*reading)(); });
}

}  // namespace dw::ui
