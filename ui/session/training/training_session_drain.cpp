// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the session that takes what the trainer left in the ring and in the event queue, and tells the window.
#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "run_folder/run_folder.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

constexpr std::size_t kChunk = 1024;  // records taken from the ring at once
constexpr int kChunksAtOnce = 64;     // four full rings: an endless producer cannot hold the window

/// The recipe of a run that was resumed; empty if its file cannot be read (the runner has read it a moment ago).
std::optional<config::Recipe> recipeOf(const std::filesystem::path& folder) {
  try {
    return run_folder::readDescription(folder).recipe;
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

// Metrics are taken before AND after the events: what stood in the ring first has its RunOpened among these events (or
// earlier), and a state that ends the run has all its metrics in the ring by the time the event is seen.
void TrainingSession::drain() {
  const auto stateBefore = runner_.state();  // every event up to it is in the queue by now
  takeMetrics();
  const auto events = runner_.drainEvents();
  takeMetrics();
  std::size_t next = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool divides =
        std::holds_alternative<messages::RunOpened>(events[i]) || std::holds_alternative<messages::WentBack>(events[i]);
    if (!divides) continue;  // before these, fresh_ holds steps that must not be mixed with those after
    while (next <= i) takeEvent(events[next++]);
  }
  appendFresh();
  while (next < events.size()) takeEvent(events[next++]);
  if (auto weights = runner_.takeWeights()) Q_EMIT weightsArrived(weights);
  // A full queue refuses events; the state itself is never lost.
  const bool told = std::any_of(events.begin(), events.end(), [](const messages::Event& e) {
    return std::holds_alternative<messages::StateChanged>(e);
  });
  if (!told) enter(stateBefore);
  takeMissing();
  if (isOver(state_) && runner_.finished() && !missing_.valid() && !gapSeen_) timer_.stop();
}

void TrainingSession::appendFresh() {
  if (fresh_.isEmpty()) return;
  const QList<messages::StepMetrics> metrics = std::exchange(fresh_, {});
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
  std::array<messages::StepMetrics, kChunk> chunk;
  for (int i = 0; i < kChunksAtOnce; ++i) {
    const auto count = runner_.drainMetrics(chunk);
    for (std::size_t k = 0; k < count; ++k) fresh_.append(chunk[k]);
    if (count < kChunk) return;
  }
}

void TrainingSession::takeEvent(const messages::Event& event) {
  const auto opened = [this](const messages::RunOpened& e) {
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
  const auto saved = [this](const messages::CheckpointSaved& e) {
    savesAsked_ = 0;
    Q_EMIT checkpointSaved(e);
    Q_EMIT actionsChanged();
  };
  const auto prepared = [this](const messages::Progress& e) { progress_ = e, Q_EMIT progress(e); };
  const auto measured = [this](const messages::Validated& e) { measured_.append(e.point), Q_EMIT validated(e.point); };
  const auto broken = [this](const messages::Failed& e) { failure_ = e, Q_EMIT failed(e); };
  std::visit(
      Overloaded{[this](const messages::StateChanged& e) { enter(e.to); }, opened, prepared, saved,
                 [this](const messages::CommandApplied& e) { takeApplied(e); },
                 [this](const messages::CommandRefused& e) {
                   // a remedy that could not be applied
                   if (pending_ == Pending::Resuming) setPending(Pending::None);
                   if (std::holds_alternative<messages::SaveCheckpoint>(e.command))
                     savesAsked_ = 0, Q_EMIT actionsChanged();
                   // Weights are asked for by the program, often, and not by the user.
                   if (!std::holds_alternative<messages::CopyWeights>(e.command)) Q_EMIT commandRefused(e);
                 },
                 [this](const messages::Trouble& e) { trouble_ = e, Q_EMIT troubled(e), Q_EMIT actionsChanged(); },
                 [this](const messages::WentBack& e) { takeWentBack(e); }, measured,
                 [this](const messages::Warning& e) { Q_EMIT warningRaised(e); }, broken},
      event);
}

void TrainingSession::takeApplied(const messages::CommandApplied& applied) {
  // A save of weights that are on the disk already writes no checkpoint and answers only here.
  if (std::holds_alternative<messages::SaveCheckpoint>(applied.command)) savesAsked_ = 0;
  if (applied.number > 0) setLive(applied.after);
  Q_EMIT commandApplied(applied);
  Q_EMIT actionsChanged();
}

void TrainingSession::takeWentBack(const messages::WentBack& back) {
  // Of the steps drained with this event, those before the first that counts lower were made before it.
  const auto from =
      std::adjacent_find(fresh_.begin(), fresh_.end(), [](const auto& a, const auto& b) { return b.step <= a.step; });
  const bool allAfter = !fresh_.isEmpty() && fresh_.front().step <= last_.step;
  QList<messages::StepMetrics> after;
  if (allAfter)
    after = std::exchange(fresh_, {});
  else if (from != fresh_.end()) {
    after = QList<messages::StepMetrics>(std::next(from), fresh_.end());
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

}  // namespace dw::ui
