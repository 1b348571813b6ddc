// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/stop_signal.h"
#include "base/terminal.h"
#include "checkpoint/weight_settings.h"
#include "cli/command.h"
#include "cli/train_report.h"
#include "config/recipe_fields.h"
#include "run/run_folder.h"
#include "run/training_runner.h"
#include "run/xudit_task.h"

namespace dw::cli {
namespace {

struct Options {
  std::string data, recipe = "quick", run, resume, branch, weights, device;
  bool ignoreExtras = false;
  std::vector<std::string> set;
  std::optional<std::int64_t> steps, threads;
  std::optional<std::uint64_t> seed;
  bool quiet = false, json = false;
  std::string notForResume;  ///< first option given that belongs to a new run only
};

/// RUN of RUN/checkpoints/step-0000500.
std::filesystem::path runOf(const std::filesystem::path& checkpoint) {
  auto folder = std::filesystem::absolute(checkpoint).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  return folder.parent_path().parent_path();
}

void setOrThrow(config::Recipe& recipe, const std::string& key, const std::string& value) {
  const auto problems = config::setField(recipe, key, value);
  if (hasErrors(problems)) throw Error(ErrorKind::Usage, key + ": " + problems.front().sentence, problems.front().remedy);
}

/// The model of a weight file; what its shapes do not tell is the recipe's, and said.
void takeModelOf(const std::string& weights, config::Recipe& recipe) {
  const auto inferred = checkpoint::inferSettings(checkpoint::WeightFile(weights));
  const auto asked = recipe.model;
  recipe.model = inferred.model;
  recipe.model.ctxSize = asked.ctxSize;
  if (recipe.model.tread && asked.tread) recipe.model.tread->dropoutRatio = asked.tread->dropoutRatio;
  for (const auto& key : inferred.untold)
    std::fprintf(stderr, "dwb: the weights do not tell %s; the recipe's value is used (--set %s=... to change it)\n", key.c_str(), key.c_str());
}

config::Recipe buildRecipe(const Options& o) {
  auto recipe = o.branch.empty() ? config::loadRecipe(o.recipe) : run::readDescription(runOf(o.branch)).recipe;
  if (!o.weights.empty()) takeModelOf(o.weights, recipe);
  for (const auto& assignment : o.set) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorKind::Usage, "--set " + assignment + " has no '='", "write it as --set optim.lr=0.001");
    }
    setOrThrow(recipe, assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  if (o.steps) setOrThrow(recipe, "train.steps", std::to_string(*o.steps));
  if (o.seed) setOrThrow(recipe, "train.seed", std::to_string(*o.seed));
  if (o.threads) setOrThrow(recipe, "train.threads", std::to_string(*o.threads));
  if (!o.device.empty()) setOrThrow(recipe, "train.device", o.device);
  return recipe;
}

run::RunRequest buildRequest(const Options& o) {
  if (!o.resume.empty()) {
    if (!o.notForResume.empty()) {
      throw Error(ErrorKind::Usage, "a resumed run keeps its recipe and data: --resume does not go with " + o.notForResume,
                  "start a new run to change it; --steps may be given to go on further");
    }
    if (o.steps && *o.steps < 1) throw Error(ErrorKind::Usage, "--steps must be at least 1", "give the new total of steps");
    return {.recipe = {}, .data = o.data, .folder = {}, .resumeFrom = o.resume, .extraTotalSteps = o.steps.value_or(0)};
  }
  if (o.data.empty() && o.branch.empty()) throw Error(ErrorKind::Usage, "there is nothing to train on", "give a dataset with --data FILE, or --data demo");
  return {.recipe = buildRecipe(o), .data = o.data, .folder = o.run, .resumeFrom = {}, .branchFrom = o.branch,
          .weights = o.weights, .ignoreExtras = o.ignoreExtras, .extraTotalSteps = 0};
}

std::unique_ptr<TrainReport> chooseReport(const Options& o) {
  if (o.json) return makeJsonReport();
  if (o.quiet) return makeQuietReport();
  return makeTextReport(errorOutputIsTerminal());
}

/// Drains both channels until the run ends; a stop signal becomes a Stop command once. Says whether training had begun.
bool follow(run::TrainingRunner& runner, TrainReport& report) {
  constexpr auto kTick = std::chrono::milliseconds(50);
  std::array<run::StepMetrics, 4096> buffer;  // 950 kB, once
  bool stopSent = false, begun = false;
  const auto drain = [&] {
    for (const auto& event : runner.drainEvents()) {
      begun = begun || std::holds_alternative<run::RunOpened>(event);
      report.event(event);
    }
    while (const auto count = runner.drainMetrics(buffer)) report.steps(std::span(buffer).first(count));
    report.tick();
  };
  while (!runner.waitFinished(kTick)) {
    drain();
    if (stopSignalsSeen() > 0 && !stopSent) stopSent = runner.send(run::Stop{});
  }
  drain();
  return begun;
}

int train(const Options& o) {
  const auto request = buildRequest(o);
  catchStopSignals();
  const auto report = chooseReport(o);
  run::TrainingRunner runner(run::makeXuditTask);
  runner.start(request);
  const bool begun = follow(runner, *report);
  report->end();
  if (const auto failure = report->failure()) {
    const Error error(failure->kind, failure->sentence, failure->remedy);
    if (!begun) throw error;
    printError(error);
    return kFailed;
  }
  return stopSignalsSeen() > 0 ? kInterrupted : kDone;
}

}  // namespace

std::function<int()> declareTrain(CLI::App& parser) {
  auto o = std::make_shared<Options>();
  parser.add_option("--data", o->data, "dataset: a file, a folder, a pattern, or 'demo'; with --resume: where the run's dataset lies now");
  parser.add_option("--recipe", o->recipe, "built-in recipe (quick, seed, seed-b32, tiny, small, hdm-small) or a JSON file")
      ->capture_default_str();
  parser.add_option("--set", o->set, "change one recipe field, e.g. --set optim.lr=0.001 (repeatable)")->allow_extra_args(false);
  parser.add_option("--steps", o->steps, "optimizer updates in all");
  parser.add_option("--run", o->run, "new run folder (default: a new one in your data folder)");
  parser.add_option("--resume", o->resume, "run folder to go on with, from its newest good checkpoint");
  parser.add_option("--branch", o->branch, "checkpoint folder to begin a new run from, with its run's recipe and data; --set changes them")
      ->excludes("--resume");
  parser.add_option("--weights", o->weights, "weight file (.safetensors, .pt) to begin a new run from; it tells the model's settings")
      ->excludes("--resume")->excludes("--branch");
  parser.add_flag("--ignore-extras", o->ignoreExtras, "leave out weights that the model does not have");
  parser.add_option("--seed", o->seed, "start of all randomness");
  parser.add_option("--threads", o->threads, "processor cores (default: measured at the start)");
  parser.add_option("--device", o->device, "cpu or cuda");
  parser.add_flag("--quiet", o->quiet, "print nothing but errors and the run folder");
  parser.add_flag("--json", o->json, "one JSON object a line on stdout: every step, every event");
  return [o, &parser] {
    for (const char* name : {"--recipe", "--set", "--run", "--seed", "--threads", "--device"}) {
      if (o->notForResume.empty() && parser.count(name) > 0) o->notForResume = name;
    }
    return train(*o);
  };
}

}  // namespace dw::cli
