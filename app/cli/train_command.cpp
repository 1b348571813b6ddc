// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/stop_signal.h"
#include "base/terminal.h"
#include "base/text_format.h"
#include "cli/assignments.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "cli/train_report.h"
#include "cli/train_trial.h"
#include "config/recipe_fields.h"
#include "config/recipe_json.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "trainer/replay.h"
#include "trainer/training_runner.h"
#include "trainer/xudit/xudit_task.h"
#include "training/device.h"
#include "weights/weight_settings.h"

namespace dw::cli {
namespace {

struct Options {
  std::string data, recipe = config::kFirstRecipe, run, resume, replay, branch, weights, device;
  std::string whatIf, rangeTest, from;
  bool dryRun = false;
  bool ignoreExtras = false;
  std::vector<std::string> set;
  std::optional<std::int64_t> steps, threads;
  std::optional<std::uint64_t> seed;
  bool quiet = false, json = false;
  std::set<std::string> given;  ///< options on the command line that a replay may not have
  std::string notForResume;     ///< first option given that belongs to a new run only
};

/// The model of a weight file; what its shapes do not tell is the recipe's, and said.
void takeModelOf(const std::string& weights, config::Recipe& recipe) {
  const auto inferred = weights::inferSettings(weights::WeightFile(weights), recipe.model);
  recipe.model = inferred.model;
  for (const auto& key : inferred.untold)
    std::fprintf(stderr, "dwb: the weights do not tell %s; the recipe's value is used (--set %s=... to change it)\n",
                 key.c_str(), key.c_str());
}

config::Recipe buildRecipe(const Options& o) {
  auto recipe = o.branch.empty() ? config::loadRecipe(o.recipe) : run_folder::describeRunOf(o.branch).recipe;
  if (!o.weights.empty()) takeModelOf(o.weights, recipe);
  applySet(recipe, o.set, "optim.lr=0.001");
  if (o.steps) setOrThrow(recipe, "train.steps", std::to_string(*o.steps));
  if (o.seed) setOrThrow(recipe, "train.seed", std::to_string(*o.seed));
  if (o.threads) setOrThrow(recipe, "train.threads", std::to_string(*o.threads));
  if (!o.device.empty()) setOrThrow(recipe, "train.device", o.device);
  return recipe;
}

std::optional<config::Device> deviceOf(const Options& o) {
  return o.device.empty() ? std::nullopt : std::optional(config::choiceNamed<config::Device>("device", o.device));
}

/// A branch that is given a total means it, even where its parent's recipe says the same.
bool asksForTotal(const Options& o) {
  const auto isTotal = [](const std::string& assignment) { return assignment.starts_with("train.steps="); };
  return !o.branch.empty() && (o.steps || std::ranges::any_of(o.set, isTotal));
}

trainer::RunRequest buildRequest(const Options& o) {
  if (!o.resume.empty()) {
    if (!o.notForResume.empty()) {
      throw Error(ErrorKind::Usage,
                  "a resumed run keeps its recipe and data: --resume does not go with " + o.notForResume,
                  "start a new run to change it; --steps may be given to go on further, --device to go on elsewhere");
    }
    if (o.steps && *o.steps < 1)
      throw Error(ErrorKind::Usage, "--steps must be at least 1", "give the new total of steps");
    const auto device = deviceOf(o);  // before the braces: GCC 12 frees their members twice when one of them throws
    return trainer::ResumeRun{.run = o.resume, .data = o.data, .totalSteps = o.steps.value_or(0), .device = device};
  }
  if (!o.replay.empty()) {
    for (const char* name : {"--recipe", "--set", "--steps", "--seed", "--threads", "--device"}) {
      if (o.given.count(name) == 0) continue;
      throw Error(ErrorKind::Usage,
                  std::string("a replay repeats its run as it was: --replay does not go with ") + name,
                  "begin a new run to change it");
    }
    return trainer::ReplayRun{.run = o.replay, .data = o.data, .folder = o.run};
  }
  if (o.data.empty() && o.branch.empty())
    throw Error(ErrorKind::Usage, "there is nothing to train on", "give a dataset with --data FILE, or --data demo");
  auto recipe = buildRecipe(o);
  if (!o.branch.empty()) {
    const auto asked = asksForTotal(o) ? recipe.train.steps : 0;
    return trainer::Branch{
        .recipe = std::move(recipe), .data = o.data, .folder = o.run, .checkpoint = o.branch, .totalSteps = asked};
  }
  if (!o.weights.empty()) {
    return trainer::FromWeights{.recipe = std::move(recipe),
                                .data = o.data,
                                .folder = o.run,
                                .weights = o.weights,
                                .ignoreExtras = o.ignoreExtras};
  }
  return trainer::FreshRun{.recipe = std::move(recipe), .data = o.data, .folder = o.run};
}

constexpr std::int64_t kTrySteps = 100;  ///< of a rate

/// The commands that only try: from a checkpoint with its run's recipe and data, or from new weights.
int tryOut(Options o) {
  const bool rates = !o.dryRun;
  const auto steps = o.steps.value_or(kTrySteps);
  if (rates) o.steps.reset();  // they are the try's, not the run's: the rate schedule stays as it is
  if (!o.from.empty()) o.branch = o.from;
  trials::TrialRequest request{.recipe = buildRecipe(o), .data = o.data, .checkpoint = o.from};
  if (!o.from.empty()) {
    const auto parent = trials::trialRequestFrom(o.from);
    if (request.data.empty()) request.data = parent.data;
    if (request.recipe.data.axes.empty()) request.recipe.data.axes = parent.recipe.data.axes;
  }
  if (request.data.empty())
    throw Error(ErrorKind::Usage, "there is nothing to try on",
                "give a dataset with --data FILE, --data demo, or a checkpoint with --from");
  if (o.dryRun) return dryRunCommand(request, o.json);
  if (!o.whatIf.empty()) return whatIfCommand(request, o.whatIf, steps, o.json);
  return rangeTestCommand(request, o.rangeTest, steps, o.json);
}

std::unique_ptr<TrainReport> chooseReport(const Options& o) {
  if (o.json) return makeJsonReport();
  if (o.quiet) return makeQuietReport();
  return makeTextReport(errorOutputIsTerminal());
}

/// Drains both channels until the run ends; a stop signal becomes a Stop command once. Says whether training had begun, and in which folder.
bool follow(trainer::TrainingRunner& runner, TrainReport& report, std::filesystem::path& folder) {
  constexpr auto kTick = std::chrono::milliseconds(50);
  std::array<messages::StepMetrics, 4096> buffer;  // 950 kB, once
  bool stopSent = false, begun = false;
  const auto drain = [&] {
    for (const auto& event : runner.drainEvents()) {
      if (const auto* opened = std::get_if<messages::RunOpened>(&event)) {
        begun = true;
        folder = opened->folder;
      }
      report.event(event);
    }
    while (const auto count = runner.drainMetrics(buffer)) report.steps(std::span(buffer).first(count));
    report.tick();
  };
  while (!runner.waitFinished(kTick)) {
    drain();
    if (stopSignalsSeen() > 0 && !stopSent) stopSent = runner.send(messages::Stop{});
  }
  drain();
  return begun;
}

/// Says whether the losses of both runs are the same bit by bit.
int compareWithOriginal(const Options& o, const std::filesystem::path& folder) {
  const auto original = run_folder::readMetrics(std::filesystem::path(o.replay) / "metrics.bin");
  const auto replayed = run_folder::readMetrics(folder / "metrics.bin");
  const auto first = trainer::lossHash(original), second = trainer::lossHash(replayed);
  if (o.json) {
    const nlohmann::json line{{"event", "replay"},
                              {"equal", first == second},
                              {"original", first},
                              {"replayed", second},
                              {"steps", replayed.size()}};
    printLine(line);
  } else {
    std::fprintf(stderr, "losses of the original %s\nlosses of the replay   %s\n%s after %s\n", first.c_str(),
                 second.c_str(), first == second ? "equal bit by bit" : "NOT equal",
                 countText(replayed.size(), "step").c_str());
  }
  return first == second ? kDone : kFailed;
}

/// Origins that would be left out without a word: a try begins from new weights or from --from.
void refuseOtherOrigins(const Options& o) {
  const bool rates = !o.dryRun;  // the others look at sizes only, which a weight file and a parent tell too
  for (const auto& [name, given] :
       {std::pair("--resume", !o.resume.empty()), std::pair("--replay", !o.replay.empty()),
        std::pair("--branch", rates && !o.branch.empty()), std::pair("--weights", rates && !o.weights.empty())}) {
    if (!given) continue;
    throw Error(ErrorKind::Usage, std::string(name) + " does not go with an option that only tries",
                "give the checkpoint to try from with --from, such as RUN/checkpoints/step-0000500");
  }
}

int train(const Options& o) {
  if (o.dryRun || !o.whatIf.empty() || !o.rangeTest.empty()) {
    refuseOtherOrigins(o);
    return tryOut(o);
  }
  if (!o.from.empty()) {
    throw Error(ErrorKind::Usage, "--from belongs to --dry-run, --what-if and --range-test",
                "give --branch to train on from a checkpoint, or --resume to go on with a run");
  }
  const auto request = buildRequest(o);
  // Before the dataset is looked through, which may take minutes. Of a resumed run only what is asked for is known here.
  if (const auto device = trainer::deviceOf(request)) training::openDevice(*device);
  catchStopSignals();
  const auto report = chooseReport(o);
  trainer::TrainingRunner runner(trainer::xudit::makeXuditTask);
  runner.start(request);
  std::filesystem::path folder;
  const bool begun = follow(runner, *report, folder);
  report->end();
  if (const auto failure = report->failure()) {
    const Error error(failure->kind, failure->sentence, failure->remedy);
    if (!begun) throw error;
    printError(error);
    return kFailed;
  }
  if (stopSignalsSeen() > 0) return kInterrupted;
  return o.replay.empty() ? kDone : compareWithOriginal(o, folder);
}

}  // namespace

std::function<int()> declareTrain(CLI::App& parser) {
  auto o = std::make_shared<Options>();
  parser.add_option("--data", o->data,
                    "dataset: a file, a folder, a pattern, or 'demo'; with --resume: where the run's dataset lies now");
  parser
      .add_option("--recipe", o->recipe,
                  "built-in recipe (" + config::inOneLine(config::builtinRecipeNames()) + ") or a JSON file")
      ->capture_default_str();
  parser.add_option("--set", o->set, "change one recipe field, e.g. --set optim.lr=0.001 (repeatable)")
      ->allow_extra_args(false);
  parser.add_option("--steps", o->steps, "optimizer updates in all");
  parser.add_option("--run", o->run, "new run folder (default: a new one in your data folder)");
  parser.add_option("--resume", o->resume, "run folder to go on with, from its newest good checkpoint");
  parser
      .add_option("--replay", o->replay,
                  "run folder to repeat as a new run, with every command of its log; says whether the losses are equal")
      ->excludes("--resume");
  parser
      .add_option("--branch", o->branch,
                  "checkpoint folder to begin a new run from, with its run's recipe and data; --set changes them")
      ->excludes("--resume")
      ->excludes("--replay");
  parser
      .add_option("--weights", o->weights,
                  "weight file (.safetensors, .pt) to begin a new run from; it tells the model's settings")
      ->excludes("--resume")
      ->excludes("--branch")
      ->excludes("--replay");
  parser.add_flag("--ignore-extras", o->ignoreExtras, "leave out weights that the model does not have");
  parser.add_option("--seed", o->seed, "start of all randomness");
  parser.add_option("--threads", o->threads, "processor cores (default: measured at the start)");
  parser.add_option(
      "--device", o->device,
      config::inOneLine(config::keysOf<config::Device>()) + "; a resumed run may go on with the other one");
  auto* dryRun =
      parser.add_flag("--dry-run", o->dryRun, "train nothing: tell parameters, memory, time of a step and of the run");
  auto* whatIf =
      parser
          .add_option(
              "--what-if", o->whatIf,
              "train nothing: try these rates, e.g. 0.0001,0.0003, for --steps steps (100) each on the same batches and noise")
          ->excludes(dryRun);
  parser
      .add_option(
          "--range-test", o->rangeTest,
          "train nothing: raise the rate from LOW to HIGH over --steps steps (100), and tell where the loss falls fastest")
      ->type_name("LOW,HIGH")
      ->excludes(dryRun)
      ->excludes(whatIf);
  parser.add_option("--from", o->from,
                    "with these three: checkpoint folder to begin from, with its run's recipe and data");
  parser.add_flag("--quiet", o->quiet, "print nothing but errors and the run folder");
  parser.add_flag("--json", o->json, "one JSON object a line on stdout: every step, every event");
  return [o, &parser] {
    for (const char* name : {"--recipe", "--set", "--steps", "--seed", "--threads", "--device"}) {
      if (parser.count(name) > 0) o->given.insert(name);
    }
    for (const char* name : {"--recipe", "--set", "--run", "--seed", "--threads"}) {
      if (o->notForResume.empty() && parser.count(name) > 0) o->notForResume = name;
    }
    return train(*o);
  };
}

}  // namespace dw::cli
