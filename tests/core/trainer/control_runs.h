// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>
#include <chrono>
#include <filesystem>
#include <string>

#include "../../support/small_data.h"
#include "control_task.h"
#include "replays.h"

namespace dw::test {

/// What a test of commands and troubles asks of a runner with ControlTasks: each run in a folder of its own.
class ControlRuns {
 protected:
  static constexpr std::chrono::seconds kLimit{60};

  std::filesystem::path freshFolder() {
    return std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
  }
  trainer::FreshRun request(std::int64_t steps) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.optim.lrSchedule = config::LrKind::Cosine;
    recipe.train.steps = steps;
    return {.recipe = recipe, .data = smallData(home_.path().toStdString()), .folder = freshFolder()};
  }
  std::filesystem::path replayed(const std::filesystem::path& original) {
    return test::replayed(original, freshFolder(), controlTasks());
  }

  QTemporaryDir home_;

 private:
  int count_ = 0;
};

}  // namespace dw::test
