// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "heard.h"
#include "run/metrics_file.h"
#include "run/replay.h"
#include "run/training_runner.h"

namespace dw::test {

inline std::string hashOf(const std::filesystem::path& run) { return run::lossHash(run::readMetrics(run / "metrics.bin")); }

/// A replay of that run in that folder; the folder.
inline std::filesystem::path replayed(const std::filesystem::path& original, const std::filesystem::path& folder, run::TaskFactory tasks) {
  run::TrainingRunner runner(std::move(tasks));
  run::RunRequest again{.recipe = {}, .data = {}, .folder = folder, .resumeFrom = {}};
  again.replayOf = original;
  runner.start(again);
  runner.waitFinished(Heard::kLimit);
  return folder;
}

}  // namespace dw::test
