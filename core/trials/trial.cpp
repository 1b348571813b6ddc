// SPDX-License-Identifier: GPL-3.0-or-later
#include "trials/trial.h"

#include <utility>

#include "base/problem.h"
#include "run_folder/checkpoint_folder.h"
#include "run_folder/run_folder.h"
#include "trainer/live_control.h"
#include "trainer/training_input.h"

namespace dw::trials {

TrialRequest trialRequestFrom(const std::filesystem::path& checkpoint) {
  run_folder::readState(checkpoint);  // a sentence, if it is none
  auto description = run_folder::describeRunOf(checkpoint);
  if (description.recipe.data.axes.empty()) description.recipe.data.axes = description.axes;
  return {.recipe = std::move(description.recipe), .data = std::move(description.data), .checkpoint = checkpoint};
}

trainer::TaskRequest trialTask(const TrialRequest& request, const TrialProgress& progress) {
  refuseIfWrong(config::validate(request.recipe));
  nlohmann::json scale;
  if (!request.checkpoint.empty()) scale = run_folder::describeRunOf(request.checkpoint).scale;
  auto input = trainer::openTrainingInput(
      {.recipe = request.recipe, .data = request.data, .scale = std::move(scale), .forRun = false}, progress);
  return {.recipe = std::move(input.recipe),
          .data = std::move(input.source),
          .scale = std::move(input.scale),
          .skipped = std::move(input.skipped),
          .checkpoint = request.checkpoint,
          .progress = [progress](const std::string& what, double done) {
            if (progress && !progress(what, done)) throw Error(ErrorKind::Cancelled, "given up", "");
          }};
}

config::LiveSettings trialSettings(const trainer::TaskRequest& task) {
  if (task.checkpoint.empty()) return config::initialLiveSettings(task.recipe);
  return trainer::LiveControl::fromJson(run_folder::readState(task.checkpoint).value("live", nlohmann::json()),
                                        task.recipe)
      .settings();
}

}  // namespace dw::trials
