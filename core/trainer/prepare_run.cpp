// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/prepare_run.h"

#include <utility>

#include "base/error.h"
#include "base/problem.h"
#include "base/text_format.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "trainer/training_input.h"

namespace dw::trainer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string absolutePath(const fs::path& path) { return fs::absolute(path).lexically_normal().string(); }

/// Resuming may happen from another working folder.
std::string recordedPath(const std::string& data) { return data.empty() || data == "demo" ? data : absolutePath(data); }

/// Where a run begins, whatever kind of request asked for it.
struct Origin {
  run_folder::RunDescription description{};
  std::unique_ptr<run_folder::RunFolder> existing{};  ///< of a run that is resumed, until the preparation takes it
  bool resumes = false;
  fs::path folder{};      ///< of a new one; empty = a made-up name
  fs::path checkpoint{};  ///< verified; empty: new weights, or those of a file
  fs::path weights{};
  bool ignoreExtras = false;
  std::int64_t askedTotal = 0;   ///< of steps; 0: none was asked for
  std::optional<json> mustBe{};  ///< identity of its dataset
  ReplayScript script{};
  std::vector<messages::Warning> warnings{};
};

run_folder::RunDescription newDescription(const config::Recipe& recipe, const std::string& data) {
  refuseIfWrong(config::validate(recipe));
  const auto path = recordedPath(data);  // before the braces: GCC 12 frees their members twice when one of them throws
  return {.recipe = recipe, .data = path, .identity = json::object()};
}

Origin originOf(const FreshRun& request) {
  return {.description = newDescription(request.recipe, request.data), .folder = request.folder};
}

Origin originOf(const FromWeights& request) {
  Origin origin{.description = newDescription(request.recipe, request.data),
                .folder = request.folder,
                .weights = request.weights,
                .ignoreExtras = request.ignoreExtras};
  origin.description.origin = {{"weights", fs::absolute(request.weights).string()},
                               {"ignore_extras", request.ignoreExtras}};
  return origin;
}

/// What a branch takes over from the run of its checkpoint.
void inherit(run_folder::RunDescription& description, const fs::path& checkpoint) {
  const auto state = run_folder::readState(checkpoint);
  const auto parent = run_folder::describeRunOf(checkpoint);
  if (!(parent.recipe.model == config::fittedModel(description.recipe.model, parent.recipe.model))) {
    throw Error(ErrorKind::Usage, checkpoint,
                "the model of the recipe is not the one of this checkpoint, so its weights have no place in it",
                "leave the fields model.* as they are in the run of the checkpoint");
  }
  if (description.data.empty()) {
    description.data = parent.data;
    description.axes = parent.axes;
  }
  const auto& own = description.recipe.data;
  if (own.scale == parent.recipe.data.scale && own.standardize == parent.recipe.data.standardize)
    description.scale = parent.scale;
  description.origin = {{"run", run_folder::runFolderOf(checkpoint).string()}, {"step", state.value("step", json(0))}};
}

Origin originOf(const Branch& request) {
  run_folder::verify(request.checkpoint);
  Origin origin{.description = newDescription(request.recipe, request.data),
                .folder = request.folder,
                .checkpoint = request.checkpoint,
                .askedTotal = request.totalSteps};
  inherit(origin.description, request.checkpoint);
  return origin;
}

Origin originOf(const ResumeRun& request) {
  Origin origin;  // member by member: GCC 12 frees those of a braced list twice when one of them throws
  origin.existing = run_folder::RunFolder::open(request.run);
  origin.resumes = true;
  origin.askedTotal = request.totalSteps;
  run_folder::CheckpointStore store(origin.existing->checkpoints());
  store.cleanUp();
  const auto newest = store.newestGood();
  if (!newest) {
    throw Error(ErrorKind::BadData, origin.existing->path(), "this run has no complete checkpoint to go on from",
                "start it anew in another folder");
  }
  origin.checkpoint = newest->folder;
  auto& description = origin.description = run_folder::readDescription(request.run);
  if (!request.data.empty()) description.data = recordedPath(request.data);
  if (request.totalSteps != 0) description.recipe.train.steps = request.totalSteps;
  if (auto& train = description.recipe.train; request.device && *request.device != train.device) {
    train.device = *request.device;
    train.threads = 0;  // those of the other device suit it alone
  }
  origin.mustBe = description.identity;
  return origin;
}

Origin originOf(const ReplayRun& request) {
  auto plan = readReplay(request.run);
  const auto& data = request.data.empty() ? plan.description.data : request.data;
  const auto& recipe = plan.description.recipe;
  auto origin =
      !plan.branchFrom.empty()
          ? originOf(Branch{.recipe = recipe, .data = data, .folder = request.folder, .checkpoint = plan.branchFrom})
      : !plan.weights.empty() ? originOf(FromWeights{.recipe = recipe,
                                                     .data = data,
                                                     .folder = request.folder,
                                                     .weights = plan.weights,
                                                     .ignoreExtras = plan.ignoreExtras})
                              : originOf(FreshRun{.recipe = recipe, .data = data, .folder = request.folder});
  origin.description.origin["replay_of"] = absolutePath(request.run);
  origin.mustBe = std::move(plan.description.identity);
  origin.script = std::move(plan.script);
  origin.warnings = std::move(plan.warnings);
  return origin;
}

class Preparation {
 public:
  Preparation(const TaskFactory& makeTask, Reporter& reporter, CommandInbox& inbox, const std::stop_token& stop,
              std::unique_ptr<run_folder::RunFolder>& folder)
      : makeTask_(makeTask), reporter_(reporter), inbox_(inbox), stop_(stop), folder_(folder) {}

  std::optional<PreparedRun> run(const RunRequest& request) {
    try {
      auto origin = std::visit([](const auto& r) { return originOf(r); }, request);
      folder_ = std::move(origin.existing);
      for (auto& warning : origin.warnings) reporter_.report(std::move(warning));
      run_.recipe = origin.description.recipe;
      takeLiveSettings(origin);
      prepare(origin);
      if (stopAsked() && !run_.task) return std::nullopt;
      return std::move(run_);
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::Cancelled || !stopAsked()) throw;
      return std::nullopt;
    }
  }

 private:
  bool stopAsked() const { return run_.wishes.stop || stop_.stop_requested(); }

  /// False: give it up.
  bool tell(const std::string& activity, double fraction) {
    reporter_.progress(activity, fraction);
    for (int taken = 0; taken < CommandInbox::kAtOnce; ++taken) {
      const auto request = inbox_.next();
      if (!request) break;
      reporter_.answer(obey(*request));
    }
    return !stopAsked();
  }

  Answer obey(const CommandRequest& request) {
    const bool remedy = std::holds_alternative<messages::HalveRate>(request.command) ||
                        std::holds_alternative<messages::SkipBatch>(request.command);
    if (!remedy) {
      if (auto answer = obeyWithoutModel(request, run_.step, run_.wishes, run_.control)) return *answer;
    }
    return refused(request, run_.step, "the run is still being prepared", "ask again when its first step is done");
  }

  void takeLiveSettings(const Origin& origin) {
    run_.control = LiveControl(run_.recipe);
    run_.changedBy = origin.resumes ? "resume" : "branch";
    if (origin.checkpoint.empty()) return;
    const auto state = run_folder::readState(origin.checkpoint);
    if (const auto done = state.value("step", json()); done.is_number_integer()) run_.step = done.get<std::int64_t>();
    reporter_.startAt(run_.step);
    run_.loss = run_folder::SmoothedLoss::fromJson(state);
    const auto asked = origin.askedTotal;
    if (asked != 0 && asked < run_.step) {
      throw Error(ErrorKind::Usage,
                  "the total of steps is " + std::to_string(asked) + ", but " +
                      countText(run_.step, "update is", "updates are") + " done already",
                  "give a larger total, for example --steps " + std::to_string(2 * run_.step));
    }
    const auto live = state.value("live", json());
    if (origin.resumes) {
      reporter_.answer(run_.control.restore(live, run_.recipe, run_.step, run_.changedBy));
    } else {
      run_.control = LiveControl::fromJson(live, run_.recipe);
    }
    // Somebody changed it by hand, here or in the run that this one branched from, and now asks for the recipe's again.
    if (asked != 0 && asked != run_.control.settings().totalSteps)
      reporter_.answer(run_.control.changeTotal(asked, run_.step, run_.changedBy));
    // What is changed while preparing is not in that checkpoint.
    if (origin.resumes) run_.saved = CheckpointSchedule::Point{run_.step, run_.control.state().changes};
  }

  void prepare(Origin& origin) {
    auto& description = origin.description;
    auto input = openTrainingInput(
        {.recipe = description.recipe,
         .data = description.data,
         .axes = description.axes,
         .scale = description.scale,
         .mustBe = origin.mustBe},
        [this](const std::string& what, double done) { return tell(what, done); },
        [this](messages::Warning warning) { reporter_.report(std::move(warning)); });
    if (stopAsked()) return;
    description.recipe = input.recipe;
    // so that a later version that guesses better does not turn the data of this run
    description.axes = input.source->info().axes;
    description.identity = std::move(input.identity);
    description.scale = data::toJson(input.scale);
    if (!folder_) folder_ = run_folder::RunFolder::create(folderFor(origin));
    build(origin, std::move(input));
    openFiles(description);
  }

  static fs::path folderFor(const Origin& origin) {
    if (!origin.folder.empty()) return origin.folder;
    return run_folder::newRunFolder(run_folder::defaultRunsFolder(), origin.description.recipe.name,
                                    origin.description.data);
  }

  void build(Origin& origin, TrainingInput input) {
    reporter_.progress("building the model", 0.0);
    run_.task =
        makeTask_({.recipe = origin.description.recipe,
                   .data = std::move(input.source),
                   .scale = input.scale,
                   .skipped = std::move(input.skipped),
                   .checkpoint = origin.checkpoint,
                   .weights = origin.weights,
                   .ignoreExtras = origin.ignoreExtras,
                   .progress = [this](const std::string& what, double done) { reporter_.progress(what, done); }});
    facts_ = run_.task->prepare();
    origin.description.recipe.train.threads = facts_.threads;
    run_.recipe = origin.description.recipe;
    run_.script = std::move(origin.script);
    run_.step = facts_.firstStep;
    run_.saveAtOnce = !origin.resumes && !origin.checkpoint.empty();
    if (run_.saved) run_.saved->step = run_.step;
  }

  void openFiles(const run_folder::RunDescription& description) {
    for (const auto& record : run_folder::readMetrics(folder_->metricsBin())) {
      if (record.step <= run_.step) run_.activeS = record.activeS;
    }
    reporter_.openFiles(folder_->metricsBin(), folder_->log(), run_.step);
    run_.description = folder_->writeRecipe(description);
    const auto total = run_.control.settings().totalSteps;
    reporter_.report(messages::RunOpened{.folder = folder_->path(),
                                         .parameters = facts_.parameters,
                                         .firstStep = run_.step,
                                         .totalSteps = total,
                                         .threads = facts_.threads,
                                         .device = facts_.device,
                                         .live = run_.control.state(),
                                         .recipeSteps = run_.recipe.train.steps});
    if (run_.step < total) return;
    const auto steps = total == 1 ? "its only step" : "all of its " + countText(total, "step");
    reporter_.report(
        messages::Warning{"this run has done " + steps + ", so nothing was trained",
                          "give a larger total to go on, for example --steps " + std::to_string(2 * run_.step)});
  }

  const TaskFactory& makeTask_;
  Reporter& reporter_;
  CommandInbox& inbox_;
  const std::stop_token& stop_;
  std::unique_ptr<run_folder::RunFolder>& folder_;
  PreparedRun run_;
  TaskFacts facts_;
};

}  // namespace

std::optional<PreparedRun> prepareRun(const RunRequest& request, const TaskFactory& makeTask, Reporter& reporter,
                                      CommandInbox& inbox, const std::stop_token& stop,
                                      std::unique_ptr<run_folder::RunFolder>& folder) {
  return Preparation(makeTask, reporter, inbox, stop, folder).run(request);
}

}  // namespace dw::trainer
