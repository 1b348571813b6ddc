// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop before the first step: where it begins from, the dataset, the model, the files of the run.
#include "base/error.h"
#include "data/channel_statistics.h"
#include "data/dataset_identity.h"
#include "data/memory_source.h"
#include "run/run_folder.h"
#include "run/run_loop.h"

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

}  // namespace

std::filesystem::path RunLoop::startingPoint() {
  if (!request_.branchFrom.empty()) {
    checkpoint::verify(request_.branchFrom);
    return request_.branchFrom;
  }
  if (request_.resumeFrom.empty()) return {};
  folder_ = RunFolder::open(request_.resumeFrom);
  checkpoint::CheckpointStore store(folder_->checkpoints());
  store.cleanUp();
  if (const auto newest = store.newestGood()) return newest->folder;
  throw Error(ErrorKind::BadData, folder_->path(), "this run has no complete checkpoint to go on from",
              "start it anew in another folder");
}

RunDescription RunLoop::describe() {
  // Resuming may happen from another working folder.
  const auto data = request_.data.empty() || request_.data == "demo" ? request_.data : std::filesystem::absolute(request_.data).lexically_normal().string();
  if (!request_.resumeFrom.empty()) {
    auto description = readDescription(request_.resumeFrom);
    if (!data.empty()) description.data = data;
    if (request_.extraTotalSteps != 0) description.recipe.train.steps = request_.extraTotalSteps;
    return description;
  }
  RunDescription description{.recipe = request_.recipe, .data = data, .identity = nlohmann::json::object()};
  refuseIfWrong(config::validate(description.recipe));
  if (!request_.branchFrom.empty()) inherit(description);
  if (!request_.weights.empty()) description.origin = {{"weights", std::filesystem::absolute(request_.weights).string()}};
  return description;
}

void RunLoop::inherit(RunDescription& description) const {
  const auto& from = request_.branchFrom;
  const auto state = checkpoint::readState(from);
  const auto run = std::filesystem::absolute(from).lexically_normal().parent_path().parent_path();
  const auto parent = readDescription(run);
  if (!(parent.recipe.model == config::fittedModel(description.recipe.model, parent.recipe.model))) {
    throw Error(ErrorKind::Usage, from, "the model of the recipe is not the one of this checkpoint, so its weights have no place in it",
                "leave the fields model.* as they are in the run of the checkpoint");
  }
  if (description.data.empty()) {
    description.data = parent.data;
    description.axes = parent.axes;
  }
  const auto& own = description.recipe.data;
  if (own.scale == parent.recipe.data.scale && own.standardize == parent.recipe.data.standardize) description.scale = parent.scale;
  description.origin = {{"run", run.string()}, {"step", state.value("step", std::int64_t{0})}};
}

void RunLoop::takeLiveSettings(const std::filesystem::path& checkpoint) {
  live_ = config::initialLiveSettings(recipe_);
  if (checkpoint.empty()) return;
  const auto state = checkpoint::readState(checkpoint);
  if (!request_.branchFrom.empty()) {
    const auto run = std::filesystem::absolute(checkpoint).lexically_normal().parent_path().parent_path();
    // A branch that asks for another rate than its parent's recipe means it; else the rate that was dialled goes on.
    if (readDescription(run).recipe.optim.lr != recipe_.optim.lr) return;
  }
  loss_ = SmoothedLoss::fromJson(state);
  const auto live = state.value("live", nlohmann::json());
  const auto rate = live.is_object() ? live.value("lr", nlohmann::json()) : nlohmann::json();
  if (rate.is_number() && rate.get<double>() > 0.0) live_.lr = rate.get<double>();
}

std::shared_ptr<const data::LatentSource> RunLoop::openData(RunDescription& description) {
  progress("opening the dataset", 0.0);
  const auto& settings = description.recipe.data;
  auto source = data::openSource(description.data, {.dataset = settings.dataset, .axes = settings.axes.empty() ? description.axes : settings.axes, .unpack = true,
                                                    .progress = [this](const std::string& what, double done) { return preparing(what, done); }});
  description.axes = source->info().axes;  // so that a later version that guesses better does not turn the data of this run
  description.recipe = config::fittedTo(description.recipe, source->info().shape());
  refuseIfWrong(config::validate(description.recipe));
  refuseIfWrong(config::validateAgainst(description.recipe, source->info().shape()));
  auto identity = data::toJson(data::datasetIdentity(*source));
  if (!request_.resumeFrom.empty() && !data::sameDataset(description.identity, identity)) {
    throw Error(ErrorKind::BadData, source->info().path, "this is not the dataset the run was trained on: its contents differ",
                "put the original file back in its place, or say where it lies now (dwb train --resume RUN --data FILE)");
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
  for (std::size_t c = 0; c < statistics.channels.size(); ++c) {
    if (statistics.channels[c].std > 0.0) continue;
    report(Warning{"channel " + std::to_string(c) + " of the dataset has the same value everywhere, so nothing can be learned from it",
                   "check how the file was written"});
  }
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
  const auto from = startingPoint();
  auto description = describe();
  recipe_ = description.recipe;
  takeLiveSettings(from);
  auto source = openData(description);
  if (stopAsked()) return;
  if (request_.resumeFrom.empty()) {
    folder_ = RunFolder::create(request_.folder.empty()
                                    ? newRunFolder(defaultRunsFolder(), description.recipe.name, description.data)
                                    : request_.folder);
  }
  progress("building the model", 0.0);
  task_ = runner_.makeTask_({.recipe = description.recipe,
                             .data = std::move(source),
                             .scale = scale_,
                             .skipped = skipped_,
                             .checkpoint = from,
                             .weights = request_.weights,
                             .ignoreExtras = request_.ignoreExtras,
                             .progress = [this](const std::string& what, double done) { progress(what, done); }});
  const auto facts = task_->prepare();
  saveDue_ = request_.resumeFrom.empty() && !from.empty();  // a branch stands on its own from its first step on
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

}  // namespace dw::run
