// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "heard.h"
#include "run_folder/metrics_file.h"
#include "trainer/replay.h"
#include "trainer/training_runner.h"

namespace dw::test {

inline std::string hashOf(const std::filesystem::path& run) {
  return trainer::lossHash(run_folder::readMetrics(run / "metrics.bin"));
}

/// A replay of that run in that folder; the folder.
inline std::filesystem::path replayed(const std::filesystem::path& original, const std::filesystem::path& folder,
                                      trainer::TaskFactory tasks) {
  trainer::TrainingRunner runner(std::move(tasks));
  runner.start(trainer::ReplayRun{.run = original, .folder = folder});
  runner.waitFinished(Heard::kLimit);
  return folder;
}

}  // namespace dw::test
