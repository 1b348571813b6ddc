// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the run loop before the first step: where it begins from, the dataset, the model, the files of the run.
#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/text_format.h"
#include "data/batch_sampler.h"
#include "data/channel_statistics.h"
#include "data/dataset_identity.h"
#include "data/memory_source.h"
#include "run/failure.h"
#include "run/run_folder.h"
#include "run/run_loop.h"

namespace dw::run {

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
    if (auto& train = description.recipe.train; !request_.device.empty() && request_.device != train.device) {
      train.device = request_.device;
      train.threads = 0;  // those of the other device suit it alone
    }
    return description;
  }
  RunDescription description{.recipe = request_.recipe, .data = data, .identity = nlohmann::json::object()};
  refuseIfWrong(config::validate(description.recipe));
  if (!request_.branchFrom.empty()) inherit(description);
  if (!request_.weights.empty()) description.origin = {{"weights", std::filesystem::absolute(request_.weights).string()}, {"ignore_extras", request_.ignoreExtras}};
  if (!request_.replayOf.empty()) description.origin["replay_of"] = std::filesystem::absolute(request_.replayOf).lexically_normal().string();
  return description;
}

void RunLoop::inherit(RunDescription& description) const {
  const auto& from = request_.branchFrom;
  const auto state = checkpoint::readState(from);
  const auto run = runFolderOf(from);
  const auto parent = describeRunOf(from);
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
  description.origin = {{"run", run.string()}, {"step", state.value("step", nlohmann::json(0))}};
}

void RunLoop::takeLiveSettings(const std::filesystem::path& checkpoint) {
  control_ = LiveControl(recipe_);
  if (checkpoint.empty()) return;
  const auto state = checkpoint::readState(checkpoint);
  const auto done = state.value("step", nlohmann::json());
  if (done.is_number_integer()) step_ = done.get<std::int64_t>();
  loss_ = SmoothedLoss::fromJson(state);
  if (const auto asked = request_.extraTotalSteps; asked != 0 && asked < step_) {
    throw Error(ErrorKind::Usage, "the total of steps is " + std::to_string(asked) + ", but " + countText(step_, "update is", "updates are") + " done already",
                "give a larger total, for example --steps " + std::to_string(2 * step_));
  }
  if (request_.branchFrom.empty()) restoreLive(state, step_);
  else control_ = LiveControl::fromJson(state.value("live", nlohmann::json()), recipe_);
  // Somebody changed it by hand, here or in the run that this one branched from, and now asks for the recipe's again.
  if (const auto asked = request_.extraTotalSteps; asked != 0 && asked != live().totalSteps) changeTotal(asked, step_);
  savedChanges_ = control_.state().changes;  // what is changed while preparing is not in that checkpoint
}

void RunLoop::restoreLive(const nlohmann::json& state, std::int64_t step) {
  const auto live = state.value("live", nlohmann::json());
  auto then = recipe_;
  then.train.steps = LiveControl::recipeTotal(live).value_or(recipe_.train.steps);
  control_ = LiveControl::fromJson(live, then);
  control_.setRecipe(recipe_);
  if (then.train.steps != recipe_.train.steps) changeTotal(recipe_.train.steps, step);
}

void RunLoop::changeTotal(std::int64_t total, std::int64_t step) {
  auto outcome = control_.apply(Change{config::LiveField::TotalSteps, static_cast<double>(total)}, step, request_.branchFrom.empty() ? "resume" : "branch");
  if (auto* applied = std::get_if<CommandApplied>(&outcome)) report(std::move(*applied));
}

std::shared_ptr<const data::LatentSource> RunLoop::openData(RunDescription& description) {
  progress("opening the dataset", 0.0);
  openingData_ = true;
  const auto& settings = description.recipe.data;
  auto source = data::openSource(description.data, {.dataset = settings.dataset, .axes = settings.axes.empty() ? description.axes : settings.axes, .unpack = true,
                                                    .progress = [this](const std::string& what, double done) { return preparing(what, done); }});
  description.axes = source->info().axes;  // so that a later version that guesses better does not turn the data of this run
  description.recipe = config::fittedTo(description.recipe, source->info().shape());
  auto problems = config::validate(description.recipe);
  std::ranges::move(config::validateAgainst(description.recipe, source->info().shape()), std::back_inserter(problems));
  refuseIfWrong(problems);
  for (const auto& problem : problems) report(Warning{problem.field + ": " + problem.sentence, problem.remedy});
  auto identity = data::toJson(data::datasetIdentity(*source));
  const auto& known = request_.replayOf.empty() ? description.identity : replayedData_;
  const bool again = !request_.resumeFrom.empty() || !request_.replayOf.empty();
  if (again && !data::sameDataset(known, identity)) {
    throw Error(ErrorKind::BadData, source->info().path, "this is not the dataset the run was trained on: its contents differ",
                "put the original file back in its place, or say where it lies now (option --data FILE)");
  }
  openingData_ = false;
  description.identity = std::move(identity);
  const auto crop = data::fixedCrop(settings.crop, source->info().crops);
  if (settings.preload && data::preloadFits(source->info(), crop)) {
    source = data::preloaded(std::move(source), crop, [this](double done) { return preparing("reading the dataset into memory", done); });
  } else if (settings.preload) {
    report(Warning{"the dataset would take more than a quarter of the free memory, so batches are read from the file",
                   "nothing need be done if the disk is quick; set data.preload to false to hear no more of it"});
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

void RunLoop::prepareReplay() {
  auto replay = readReplay(request_.replayOf);
  request_.recipe = replay.description.recipe;
  if (request_.data.empty()) request_.data = replay.description.data;
  request_.branchFrom = replay.branchFrom;
  request_.weights = replay.weights;
  request_.ignoreExtras = replay.ignoreExtras;
  replayedData_ = std::move(replay.description.identity);
  script_.assign(replay.commands.begin(), replay.commands.end());
  lastStep_ = replay.lastStep;
  for (auto& warning : replay.warnings) report(std::move(warning));
}

void RunLoop::prepare() {
  if (!request_.replayOf.empty()) prepareReplay();
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
  records_.emplace(folder_->metricsBin(), folder_->log(), step_);
  for (const auto& event : unlogged_) records_->append(event);
  exporter_.emplace(folder_->metricsBin(), folder_->metricsHdf5());
  writer_.emplace(checkpoint::CheckpointStore(folder_->checkpoints()), recipe_.checkpoint.keep, folder_->describe(description),
                  [this] { records_->sync(); });
  report(RunOpened{.folder = folder_->path(),
                   .parameters = facts.parameters,
                   .firstStep = step_,
                   .totalSteps = live().totalSteps,
                   .threads = facts.threads,
                   .device = facts.device,
                   .live = control_.state(),
                   .recipeSteps = recipe_.train.steps});
  openSamples();
  if (step_ >= live().totalSteps) {
    const auto steps = live().totalSteps == 1 ? "its only step" : "all of its " + countText(live().totalSteps, "step");
    report(Warning{"this run has done " + steps + ", so nothing was trained",
                   "give a larger total to go on, for example --steps " + std::to_string(2 * step_)});
  }
}

}  // namespace dw::run
