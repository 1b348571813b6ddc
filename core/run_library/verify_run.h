// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "run_library/metrics_export.h"

namespace dw::run_library {

/// One part of a run after every byte of it was read.
struct Verified {
  std::string part;  ///< "recipe.json", "metrics.bin", "checkpoints/step-0000500", ...
  bool good = false;
  std::string sentence;  ///< "5000 steps", "3 files, hashes agree", or what is wrong
};

/// Reads the whole run: recipe, every record of the metrics, every line of the log, every checkpoint against its hashes.
/// Calls report for each part as it is done. Returns whether all are good; stops early, with false, when shouldContinue says so.
bool verifyRun(const std::filesystem::path& run, const std::function<void(const Verified&)>& report,
               const ShouldContinue& shouldContinue = {});

}  // namespace dw::run_library
