// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "messages/measurements.h"
#include "messages/step_metrics.h"
#include "run_folder/rolling_z.h"

namespace dw::ui {

/// A step whose loss or gradient norm stands out from those before it (run_folder/rolling_z.h).
struct Spike {
  std::int64_t step = 0;
  double lossZ = 0.0, gradNormZ = 0.0;  ///< 0 where there is no z-score
};

/// What a run measures now and then, and what stands out in its curves; each list with rising steps.
class MeasurementHistory {
 public:
  const std::vector<messages::ValidationPoint>& validation() const noexcept { return validation_; }
  const std::vector<messages::UpdateRatio>& updateRatios() const noexcept { return ratios_; }
  const std::vector<Spike>& spikes() const noexcept { return spikes_; }

  void clear() { *this = {}; }
  void append(std::span<const messages::StepMetrics> metrics);
  void append(const messages::ValidationPoint& point);
  /// Puts what a run's files hold of the steps before in front of what was seen since.
  void putBefore(const MeasurementHistory& earlier);
  /// Everything in a run folder. Reads files: not for the GUI thread. Throws Error.
  static MeasurementHistory read(const std::filesystem::path& run);

 private:
  std::vector<messages::ValidationPoint> validation_;
  std::vector<messages::UpdateRatio> ratios_;
  std::vector<Spike> spikes_;
  run_folder::RollingZ loss_, gradNorm_;
};

}  // namespace dw::ui
