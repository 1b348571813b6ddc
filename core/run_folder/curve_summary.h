// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "messages/step_metrics.h"
#include "run_folder/smoothed_loss.h"

namespace dw::run_folder {

/// What a list of runs shows of a curve, and enough to go on from there as metrics.bin grows. The trainer leaves it in
/// summary.json at every checkpoint, pause and end, so that a list need not read whole curves.
struct CurveSummary {
  std::uint64_t bytes = 0;  ///< of metrics.bin that it covers
  std::int64_t step = 0;    ///< of the last record
  double loss = 0.0;        ///< of the last record
  double activeS = 0.0;     ///< of the last record
  SmoothedLoss smoothed;
  double bestLoss = 0.0;      ///< lowest smoothed loss, from the 50th step on (earlier means are of too few steps)
  std::int64_t bestStep = 0;  ///< 0: there is none yet
  std::int64_t count = 0;     ///< records that count so far

  void add(const messages::StepMetrics& metrics);
};

/// Reads what metrics.bin holds beyond `summary.bytes` and adds it. Where the run went back to an earlier step, the whole
/// curve is read anew. False: more than `mostBytes` would have to be read; summary is unchanged. Throws Error BadData.
bool extendSummary(CurveSummary& summary, const ReadFile& metricsBin, std::uint64_t mostBytes);

/// summary.json; empty if it is missing, damaged, of a newer format, or not about this metrics.bin. summarized: how many bytes
/// of metrics.bin it says there were; 0 = unknown. More than there are: the file was cut off.
std::optional<CurveSummary> readCurveSummary(const std::filesystem::path& json, const ReadFile& metricsBin,
                                             std::uint64_t* summarized = nullptr);
void writeCurveSummary(const std::filesystem::path& json, const CurveSummary& summary);

}  // namespace dw::run_folder
