// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <optional>

#include "run_library/run_summary.h"

namespace dw::ui {

class RunWatch;

/// "Finished", "Training here", "Training elsewhere", "Interrupted", ...
QString stateText(run_folder::RunState state, bool ofThisProgram);
/// What the state means and what can be done, in a sentence.
QString stateExplained(run_folder::RunState state, bool ofThisProgram);
/// The state now, from the list and from a watch, which may be null.
run_folder::RunState newestState(const run_library::RunSummary& run, const RunWatch* watch);
/// "1.2 MB"; "…" while it is not counted.
QString sizeText(std::optional<std::uint64_t> bytes);
/// "0.0412"; "-" where there is none.
QString lossText(const std::optional<double>& loss);
/// Date and time, "2026-03-14 15:09"; "-" for 0. seconds: since 1970.
QString dateText(std::int64_t seconds);
/// The file's name, "Demo data", or "-".
QString datasetText(const std::string& dataset);
/// "812 of 5,000"
QString stepsText(std::int64_t done, std::int64_t planned);

}  // namespace dw::ui
