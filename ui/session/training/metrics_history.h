// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "messages/step_metrics.h"

namespace dw::ui {

/// Metrics of one run as columns, sorted by step, 40 bytes a step: a million steps are 40 MB. Entry i of every column
/// belongs to step[i].
class MetricsHistory {
 public:
  std::vector<std::int64_t> step;  ///< updates done, the first is 1
  std::vector<double> loss;
  std::vector<float> lr;
  std::vector<float> gradNorm;
  std::vector<std::int64_t> samples;  ///< seen so far
  std::vector<double> activeS;        ///< seconds of training so far, pauses left out

  std::size_t size() const noexcept { return step.size(); }
  bool empty() const noexcept { return step.empty(); }
  std::int64_t lastStep() const noexcept { return step.empty() ? 0 : step.back(); }

  void clear();
  /// Appends records in order; a record whose step is not above the last one is passed over (it is there already).
  /// Says whether every step followed the one before without a gap.
  bool append(std::span<const messages::StepMetrics> metrics);
  bool append(const MetricsHistory& more);
  /// Forgets that step and all after it: the run went back.
  void dropFrom(std::int64_t firstDropped);
  /// Replaces everything up to the last step of `complete` by it and keeps newer steps.
  void merge(MetricsHistory complete);
  /// Steps between the first update and the last that are not here.
  std::int64_t missing() const noexcept { return lastStep() - static_cast<std::int64_t>(size()); }
};

}  // namespace dw::ui
