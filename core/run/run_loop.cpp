// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/run_loop.h"

#include <cmath>
#include <sstream>

#include "base/error.h"
#include "data/channel_statistics.h"
#include "data/dataset_identity.h"
#include "data/memory_source.h"
#include "run/run_folder.h"

namespace dw::run {
namespace {

/// The first error of a check, as the sentence under which the run is refused.
void refuseIfWrong(const Problems& problems) {
  for (const auto& problem : problems) {
    if (problem.severity != Severity::Error) continue;
    const auto field = problem.field.empty() ? "" : problem.field + ": ";
    throw Error(ErrorKind::Usage, field + problem.sentence, problem.remedy);
  }
}

constexpr std::chrono::milliseconds kLookAgain{20};  ///< whether a save is done

float milliseconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<float, std::milli>(time).count(); }

}  // namespace

RunLoop::RunLoop(TrainingRunner& runner, const RunRequest& request, std::stop_token stop)
    : runner_(runner), request_(request), stop_(std::move(stop)) {}

void RunLoop::run() {
  try {
    prepare();
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::Cancelled || !stopAsked()) throw;
  }
  if (!stopAsked()) {
    enter(State::Running);
    train();
  }
  if (runner_.state() != State::Stopping) enter(State::Stopping);
  if (writer_) saveAndWait();
  if (exporter_) {
    exporter_->request();
    if (const auto failure = exporter_->finish(); !failure.empty()) {
      report(Warning{"metrics.h5 could not be written: " + failure, "the metrics stand in metrics.bin all the same"});
    }
  }
  enterFinished();
}

RunDescription RunLoop::describeNew() {
  // Resuming may happen from another working folder.
  const auto data = request_.data == "demo" ? request_.data : std::filesystem::absolute(request_.data).lexically_normal().string();
  return {.recipe = request_.recipe, .data = data, .identity = nlohmann::json::object(), .scale = {}};
}

void RunLoop::takeLiveSettings(const std::filesystem::path& checkpoint) {
  live_ = config::initialLiveSettings(recipe_);
  if (checkpoint.empty()) return;
  const auto state = checkpoint::readState(checkpoint);
  loss_ = SmoothedLoss::fromJson(state);
  const auto live = state.value("live", nlohmann::json());
  const auto rate = live.is_object() ? live.value("lr", nlohmann::json()) : nlohmann::json();
  if (rate.is_number() && rate.get<double>() > 0.0) live_.lr = rate.get<double>();
}

std::shared_ptr<const data::LatentSource> RunLoop::openData(RunDescription& description) {
  progress("opening the dataset", 0.0);
  const auto& settings = description.recipe.data;
  auto source = data::openSource(description.data, {.dataset = settings.dataset, .axes = settings.axes, .unpack = true,
                                                    .progress = [this](const std::string& what, double done) { return preparing(what, done); }});
  description.recipe = config::fittedTo(description.recipe, source->info().shape());
  refuseIfWrong(config::validate(description.recipe));
  refuseIfWrong(config::validateAgainst(description.recipe, source->info().shape()));
  auto identity = data::toJson(data::datasetIdentity(*source));
  if (!request_.resumeFrom.empty() && !data::sameDataset(description.identity, identity)) {
    throw Error(ErrorKind::BadData, source->info().path, "this is not the dataset the run was trained on: its contents differ",
                "put the original file back in its place");
  }
  description.identity = std::move(identity);
  if (settings.preload) {
    source = data::preloaded(std::move(source), [this](double done) { return preparing("reading the dataset into memory", done); });
  }
  scanData(*source, description);
  return source;
}

void RunLoop::scanData(const data::LatentSource& source, RunDescription& description) {
  const auto& settings = description.recipe.data;
  auto statistics =
      data::channelStatistics(source, 0, [this](double done) { return preparing("checking every number of the dataset", done); });
  if (stopAsked()) return;
  if (!settings.skipNotFinite) data::refuseNonFinite(source, statistics);
  skipped_ = std::move(statistics.badSamples);
  // A run keeps to the figures it began with; those of before they were kept had the factor only.
  scale_ = description.scale.is_null() ? data::valueScale(settings, statistics)
                                       : data::valueScaleFrom(description.scale, source.info().channels);
  description.scale = data::toJson(scale_);
}

bool RunLoop::preparing(const std::string& activity, double fraction) {
  progress(activity, fraction);
  takeCommands(false);
  return !stopAsked();
}

void RunLoop::prepare() {
  const bool resuming = !request_.resumeFrom.empty();
  std::optional<checkpoint::CheckpointInfo> from;
  if (resuming) {
    folder_ = RunFolder::open(request_.resumeFrom);
    checkpoint::CheckpointStore store(folder_->checkpoints());
    store.cleanUp();
    from = store.newestGood();
    if (!from) {
      throw Error(ErrorKind::BadData, folder_->path(), "this run has no complete checkpoint to go on from",
                  "start it anew in another folder");
    }
  }
  auto description = resuming ? readDescription(request_.resumeFrom) : describeNew();
  if (request_.extraTotalSteps != 0) description.recipe.train.steps = request_.extraTotalSteps;
  if (!resuming) refuseIfWrong(config::validate(description.recipe));
  recipe_ = description.recipe;
  takeLiveSettings(from ? from->folder : std::filesystem::path());
  auto source = openData(description);
  if (stopAsked()) return;
  if (!resuming) {
    folder_ = RunFolder::create(request_.folder.empty()
                                    ? newRunFolder(defaultRunsFolder(), description.recipe.name, description.data)
                                    : request_.folder);
  }
  progress("building the model", 0.0);
  task_ = runner_.makeTask_({.recipe = description.recipe,
                             .data = std::move(source),
                             .scale = scale_,
                             .skipped = skipped_,
                             .checkpoint = from ? from->folder : std::filesystem::path(),
                             .progress = [this](const std::string& what, double done) { progress(what, done); }});
  const auto facts = task_->prepare();
  description.recipe.train.threads = facts.threads;
  openRecords(description, facts);
}

void RunLoop::openRecords(const RunDescription& description, const TaskFacts& facts) {
  recipe_ = description.recipe;
  step_ = facts.firstStep;
  savedStep_ = request_.resumeFrom.empty() ? -1 : step_;
  const auto earlier = readMetrics(folder_->metricsBin());
  for (const auto& record : earlier) {
    if (record.step <= step_) activeS_ = record.activeS;
  }
  records_.emplace(folder_->metricsBin(), folder_->log());
  for (const auto& event : unlogged_) records_->append(event);
  exporter_.emplace(folder_->metricsBin(), folder_->metricsHdf5());
  writer_.emplace(checkpoint::CheckpointStore(folder_->checkpoints()), recipe_.checkpoint.keep, [this] { records_->sync(); });
  folder_->describe(description);
  report(RunOpened{.folder = folder_->path(),
                   .parameters = facts.parameters,
                   .firstStep = step_,
                   .totalSteps = live_.totalSteps,
                   .threads = facts.threads,
                   .device = facts.device});
  if (step_ >= live_.totalSteps) {
    report(Warning{"this run has done all of its " + std::to_string(live_.totalSteps) + " steps, so nothing was trained",
                   "give a larger total to go on, for example --steps " + std::to_string(2 * step_)});
  }
}

void RunLoop::train() {
  stepBegan_ = Clock::now();
  setNextSave();
  while (step_ < live_.totalSteps) {
    takeCommands(false);
    if (pausing_ && !stopAsked()) {
      exporter_->request();
      enter(State::Paused);
      while (pausing_ && !stopAsked()) {
        saveIfWanted();
        takeCommands(true);
      }
      if (!stopAsked()) enter(State::Running);
      stepBegan_ = Clock::now();  // time paused is nobody's step
    }
    if (stopAsked()) break;
    oneStep();
    saveDue_ = saveDue_ || saveIsDue();
    saveIfWanted();
  }
}

void RunLoop::oneStep() {
  auto metrics = task_->step(live_);
  step_ = metrics.step;
  loss_.add(metrics.loss);
  // A step lasts from the end of the one before it, so that what the loop itself does is counted too (in rest).
  const auto now = Clock::now();
  metrics.stepMs = milliseconds(now - stepBegan_);
  stepBegan_ = now;
  metrics.restMs = metrics.stepMs - metrics.dataMs - metrics.forwardMs - metrics.backwardMs - metrics.optimizerMs;
  activeS_ += static_cast<double>(metrics.stepMs) / 1000.0;
  metrics.activeS = activeS_;
  records_->append(metrics);
  reportRefusedRecords();
  runner_.ring_.push(metrics);
}

void RunLoop::takeCommands(bool wait) {
  if (wait) {
    // A save under way ends meanwhile, and somebody waits to hear of it.
    const auto command = writer_->busy() ? runner_.commands_.waitPop(stop_, kLookAgain) : runner_.commands_.waitPop(stop_);
    if (command) apply(*command);
  }
  while (const auto command = runner_.commands_.tryPop()) apply(*command);
}

void RunLoop::apply(const Command& command) {
  const auto done = [this](const char* name, std::string detail = {}) { report(CommandApplied{step_, name, std::move(detail)}); };
  if (std::holds_alternative<Pause>(command)) {
    pausing_ = true;
    done("pause");
  } else if (std::holds_alternative<Resume>(command)) {
    pausing_ = false;
    done("resume");
  } else if (std::holds_alternative<Stop>(command)) {
    stopping_ = true;
    done("stop");
  } else if (std::holds_alternative<SaveCheckpoint>(command)) {
    if (!writer_) {
      report(Warning{"there is nothing to save yet: training has not begun", "save again when the first step is done"});
      return;
    }
    if (savedStep_ == step_) done("save");
    else ++savesAsked_;
  } else if (const auto* rate = std::get_if<SetLearningRate>(&command)) {
    if (!std::isfinite(rate->lr) || rate->lr <= 0.0) {
      report(Warning{"the learning rate must be a number above 0, so it was not changed", "give a value such as 0.0003"});
      return;
    }
    std::ostringstream detail;
    detail << live_.lr << " -> " << rate->lr;
    live_.lr = rate->lr;
    done("learning_rate", detail.str());
  }
}

void RunLoop::enterFinished() {
  if (records_) records_->append(StateChanged{State::Stopping, State::Finished});
  close();
  runner_.enter(State::Finished);
}

void RunLoop::close() {
  writer_.reset();
  if (records_ && !records_->flush()) {
    runner_.report(Warning{"the last lines of metrics.bin and log.jsonl could not be written, so they are lost", "free some space on that disk"});
  }
  exporter_.reset();
  records_.reset();
  task_.reset();
  folder_.reset();
}

void RunLoop::reportRefusedRecords() {
  if (auto warning = records_->takeWarning()) report(std::move(*warning));
}

void RunLoop::fail(const Failed& failure) noexcept {
  try {
    if (records_) records_->append(failure);
  } catch (const std::exception&) {  // no memory even for a line: the event still reaches the user
    records_.reset();
  }
  close();
  runner_.report(failure);
  runner_.enter(State::Failed);
}

void RunLoop::enter(State next) {
  const auto from = runner_.state();
  runner_.enter(next);
  if (records_) records_->append(StateChanged{from, next});
}

void RunLoop::report(Event event) {
  runner_.report(event);
  if (std::holds_alternative<Progress>(event)) return;
  if (records_) records_->append(event);
  else unlogged_.push_back(std::move(event));
}

void RunLoop::progress(const std::string& activity, double fraction) {
  // A queue that nobody empties for a moment must have room left for what matters.
  if (activity == activity_ && std::abs(fraction - fraction_) < 0.01) return;
  activity_ = activity;
  fraction_ = fraction;
  report(Progress{activity, fraction});
}

}  // namespace dw::run
