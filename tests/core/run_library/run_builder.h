// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "run_folder/run_log.h"
#include "trainer/metrics_exporter.h"

namespace dw::test {

/// What a made-up run is like.
struct RunPlan {
  std::int64_t steps = 100;  ///< done
  std::int64_t planned = 100;
  std::string end = "finished";  ///< finished | failed | none
  bool stopAsked = false;
  std::vector<std::int64_t> checkpoints = {};
  bool summary = true;  ///< as a trainer leaves it: metrics.h5 and summary.json
  std::int64_t created = 1'700'000'000;
  double lr = 1e-3;
};

inline messages::StepMetrics stepNumber(std::int64_t step) {
  messages::StepMetrics m;
  m.step = step;
  m.loss = 1.0 + 1.0 / static_cast<double>(step);
  m.lr = 1e-3;
  m.gradNorm = 0.5;
  m.stepMs = 10.0F;
  m.samplesSeen = step * 4;
  m.activeS = 0.01 * static_cast<double>(step);
  return m;
}

inline void appendSteps(run_folder::MetricsWriter& writer, std::int64_t from, std::int64_t to) {
  for (auto s = from; s <= to; ++s) writer.append(stepNumber(s));
}

inline void saveCheckpoint(const std::filesystem::path& run, std::int64_t step) {
  run_folder::CheckpointStore(run / "checkpoints").save(step, [&](const std::filesystem::path& folder) {
    std::ofstream(folder / "model.safetensors") << "weights of step " << step << std::string(1000, 'w');
    std::ofstream(folder / "state.json") << R"({"live":{"lr":0.001}})";
  });
}

inline messages::RunOpened opened(const std::filesystem::path& run, const RunPlan& plan, std::int64_t first = 0) {
  return {
      .folder = run, .parameters = 7, .firstStep = first, .totalSteps = plan.planned, .threads = 1, .device = "cpu"};
}

/// A run folder as a trainer would leave it, without any training. The lock is held while `meanwhile` runs.
inline std::filesystem::path makeRun(const std::filesystem::path& path, const RunPlan& plan = {},
                                     const std::function<void()>& meanwhile = {}) {
  const auto folder = run_folder::RunFolder::create(path);
  auto recipe = config::builtinRecipe("quick");
  recipe.train.steps = plan.planned;
  recipe.optim.lr = plan.lr;
  folder->writeRecipe(
      {.recipe = recipe, .data = "/data/latents.h5", .identity = {{"bytes", 12}}, .created = plan.created});
  run_folder::MetricsWriter metrics(folder->metricsBin());
  run_folder::EventLog log(folder->log());
  log.append(run_folder::toLogLine(opened(path, plan)));
  log.append(run_folder::toLogLine(messages::StateChanged{messages::State::Preparing, messages::State::Running}));
  appendSteps(metrics, 1, plan.steps);
  for (const auto step : plan.checkpoints) saveCheckpoint(path, step);
  if (plan.stopAsked) log.append(run_folder::toLogLine(messages::CommandApplied{plan.steps, "stop", ""}));
  if (plan.end == "finished")
    log.append(run_folder::toLogLine(messages::StateChanged{messages::State::Stopping, messages::State::Finished}));
  if (plan.end == "failed")
    log.append(run_folder::toLogLine(
        messages::Failed{ErrorKind::NotFinite, "the loss of step 101 is NaN", "halve the rate", plan.steps}));
  if (plan.summary) {
    trainer::MetricsExporter exporter(folder->metricsBin(), folder->metricsHdf5());
    exporter.request();
    exporter.finish();
  }
  if (meanwhile) meanwhile();
  return path;
}

}  // namespace dw::test
