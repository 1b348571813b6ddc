// SPDX-License-Identifier: GPL-3.0-or-later
#include "trials/disk_forecast.h"

#include <algorithm>

#include "base/file.h"
#include "run_folder/metrics_file.h"

namespace dw::trials {
namespace {

/// beside the newest: the best, and one that is being written before the oldest goes
constexpr std::int64_t kBesides = 2;
/// Bytes of a step in metrics.h5: five columns of 8, six of 4 and two z-scores of 8 bytes, and two rows of the timestep's bins.
constexpr std::uint64_t kExportedBytes = 6 * 8 + 6 * 4 + 2 * 8 + 2 * messages::kTimestepBins * sizeof(float);

}  // namespace

std::int64_t DiskForecast::fittingKeep() const {
  if (checkpointBytes == 0 || freeBytes < metricsBytes) return 0;
  const auto room = static_cast<std::int64_t>((freeBytes - metricsBytes) / checkpointBytes);
  return std::max<std::int64_t>(room - kBesides, 0);
}

DiskForecast forecastDisk(const config::Recipe& recipe, std::int64_t parameters, std::int64_t steps,
                          const std::filesystem::path& runs) {
  DiskForecast found;
  const auto copies =
      1 + static_cast<std::uint64_t>(config::momentsOf(recipe.optim.kind)) + (recipe.ema.decay > 0.0 ? 1 : 0);
  found.checkpointBytes = static_cast<std::uint64_t>(std::max<std::int64_t>(parameters, 0)) * copies * sizeof(float);
  found.checkpoints = std::max<std::int64_t>(recipe.checkpoint.keep, 1) + kBesides;
  // Saved by steps only, a short run may end before there are so many; the last one is always saved.
  if (recipe.checkpoint.everyMinutes <= 0.0) {
    const auto made = recipe.checkpoint.every > 0 ? steps / recipe.checkpoint.every + 1 : 1;
    found.checkpoints = std::min(found.checkpoints, made);
  }
  found.metricsBytes = static_cast<std::uint64_t>(std::max<std::int64_t>(steps, 0)) *
                       (run_folder::kMetricsRecordBytes + 2 * kExportedBytes);
  found.freeBytes = freeDiskSpace(runs);
  return found;
}

}  // namespace dw::trials
