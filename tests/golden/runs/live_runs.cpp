// SPDX-License-Identifier: GPL-3.0-or-later
// live_runs commanded|trouble FOLDER DATA: trains one run of the stored set as the window would, with commands between its
// steps. Called by make.sh; `cmake --build build/release --target live_runs`.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "../../core/trainer/heard.h"
#include "trainer/xudit/xudit_task.h"

using namespace dw;
using config::LiveField;
using test::Heard;

namespace {

config::Recipe smallRecipe() {
  auto recipe = config::builtinRecipe("seed");
  recipe.model.dim = 4;
  recipe.model.heads = 1;
  recipe.model.dimHead = 4;
  recipe.model.mlpDim = 4;
  recipe.train.threads = 1;
  recipe.optim.lrSchedule = "cosine";
  recipe.checkpoint.everyMinutes = 0.0;
  recipe.sample.previews = false;
  recipe.validation.every = 0;
  return recipe;
}

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "live_runs: %s did not come\n", what);
  std::exit(1);
}

/// A run that is paused before its first step, to be led step by step.
class LedRun {
 public:
  LedRun(const config::Recipe& recipe, const std::string& folder, const std::string& data)
      : runner_(trainer::xudit::makeXuditTask) {
    const trainer::FreshRun request{.recipe = recipe, .data = data, .folder = folder};
    require(runner_.start(request, trainer::OnTrouble::Pause), "the start");
    runner_.send(messages::Pause{});
    require(heard_.waitFor(runner_, [&] { return runner_.state() == messages::State::Paused; }), "the pause");
    heard_.drain(runner_);
  }

  void stepTo(std::int64_t step) {
    const auto done = [&] { return heard_.steps.empty() ? 0 : heard_.steps.back().step; };
    for (auto at = done(); at < step; ++at) runner_.send(messages::StepOnce{});
    require(heard_.waitFor(runner_, [&] { return done() >= step; }), "a step");
  }
  void send(const messages::Command& command, std::size_t times = 1) {
    runner_.send(command);
    require(heard_.answered(runner_, messages::commandName(command), times), "an answer");
  }
  /// Steps until one cannot be made.
  void stepToTrouble() {
    constexpr int kMost = 200;
    const auto met = [&] { return !heard_.all<messages::Trouble>().empty(); };
    for (int i = 0; i < kMost && !met(); ++i) {
      const auto before = heard_.steps.size();
      runner_.send(messages::StepOnce{});
      require(heard_.waitFor(runner_, [&] { return met() || heard_.steps.size() > before; }), "a step");
    }
    require(met(), "the trouble");
  }
  void waitForCheckpoint(std::int64_t step) {
    const auto saved = [&] {
      const auto all = heard_.all<messages::CheckpointSaved>();
      return !all.empty() && all.back().step == step;
    };
    require(heard_.waitFor(runner_, saved), "a checkpoint");
  }
  void finish() {
    runner_.send(messages::Resume{});
    require(runner_.waitFinished(Heard::kLimit), "the end");
    require(runner_.state() == messages::State::Finished, "a good end");
  }

 private:
  trainer::TrainingRunner runner_;
  Heard heard_;
};

/// The rate changed twice and taken back once, another curve, a total, a command that is refused, a checkpoint asked for.
void commanded(const std::string& folder, const std::string& data) {
  auto recipe = smallRecipe();
  recipe.train.batch = 2;
  recipe.train.steps = 30;
  recipe.checkpoint.every = 8;
  recipe.checkpoint.keep = 1;
  recipe.ema.decay = 0.9;
  LedRun run(recipe, folder, data);
  run.stepTo(3);
  run.send(messages::Change{LiveField::LearningRate, 1e-3});
  run.stepTo(6);
  run.send(messages::Change{LiveField::LearningRate, 1.0 / 300.0}, 2);
  run.stepTo(9);
  run.send(messages::Undo{});
  run.send(messages::Change{LiveField::LearningRate, -1.0}, 3);
  run.stepTo(12);
  run.send(messages::Reshape{.peak = 5e-4, .shape = {.kind = "linear", .warmup = 2, .start = 1e-4, .end = 1e-5}});
  run.stepTo(15);
  run.send(messages::Change{LiveField::ClipNorm, 0.5});
  run.send(messages::Change{LiveField::TotalSteps, 24});
  run.send(messages::Change{LiveField::EmaDecay, 0.95});
  run.stepTo(18);
  run.send(messages::SaveCheckpoint{});
  run.waitForCheckpoint(18);
  run.send(messages::SkipBatch{});  // which also goes on
  run.finish();
}

/// A rate so high that the loss is no number any more; then back to a checkpoint, and on with a better one.
void trouble(const std::string& folder, const std::string& data) {
  auto recipe = smallRecipe();
  recipe.train.batch = 2;
  recipe.train.steps = 18;
  recipe.optim.kind = "sgd";
  recipe.checkpoint.every = 5;
  recipe.checkpoint.keep = 2;
  LedRun run(recipe, folder, data);
  run.stepTo(10);
  run.waitForCheckpoint(10);
  run.stepTo(12);
  run.send(messages::Change{LiveField::LearningRate, 10.0});
  run.stepToTrouble();
  run.send(messages::GoBack{10});
  run.send(messages::Change{LiveField::LearningRate, 2e-3}, 2);
  run.finish();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "commanded")
    commanded(arguments[1], arguments[2]);
  else if (arguments.size() == 3 && arguments[0] == "trouble")
    trouble(arguments[1], arguments[2]);
  else
    return 2;
  return 0;
}
