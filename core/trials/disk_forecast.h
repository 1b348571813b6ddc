// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

#include "config/recipe.h"

namespace dw::trials {

/// What a run will take on its disk, reckoned before it starts. Pictures and logs are small beside it and left out.
struct DiskForecast {
  std::uint64_t checkpointBytes = 0;  ///< of one: weights, their average, the optimizer's moments
  std::int64_t checkpoints = 0;       ///< most that lie there at once: the newest, the best, one that is being written
  /// metrics.bin, and metrics.h5 twice, because it is written anew beside the old one
  std::uint64_t metricsBytes = 0;
  std::uint64_t freeBytes = 0;  ///< for this user, on the disk of the run folder

  std::uint64_t bytes() const { return checkpointBytes * static_cast<std::uint64_t>(checkpoints) + metricsBytes; }
  bool fits() const { return bytes() <= freeBytes; }
  /// Largest checkpoint.keep that fits; 0: none does.
  std::int64_t fittingKeep() const;
};

/// parameters: of the model; steps: that are still to be trained. runs: where the run folder will lie, which need not be there yet.
/// Throws Error Io if the disk cannot be asked.
DiskForecast forecastDisk(const config::Recipe& recipe, std::int64_t parameters, std::int64_t steps,
                          const std::filesystem::path& runs);

}  // namespace dw::trials
