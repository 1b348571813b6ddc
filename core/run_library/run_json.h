// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "run_folder/checkpoint_folder.h"
#include "run_library/run_summary.h"
#include "run_library/trash.h"

namespace dw::run_library {

/// One object as `dwb runs list --json` prints it, a line each. Numbers that are not known are null.
nlohmann::json toJson(const RunSummary& run);
nlohmann::json toJson(const run_folder::CheckpointInfo& checkpoint);
nlohmann::json toJson(const TrashedRun& run);

/// All about one run: the summary, its recipe and every checkpoint, the damaged ones too. Never throws for a broken run.
nlohmann::json describeRun(const std::filesystem::path& run);

}  // namespace dw::run_library
