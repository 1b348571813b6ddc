// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/measurement_history.h"

#include <algorithm>

#include "run_folder/measurement_files.h"
#include "run_folder/metrics_file.h"

namespace dw::ui {
namespace {

/// Those of `earlier` whose step is below the first of `list`, in front of it.
template <typename Value>
void putInFront(const std::vector<Value>& earlier, std::vector<Value>& list) {
  const auto end = list.empty()
                       ? earlier.end()
                       : std::lower_bound(earlier.begin(), earlier.end(), list.front().step,
                                          [](const Value& value, std::int64_t step) { return value.step < step; });
  list.insert(list.begin(), earlier.begin(), end);
}

}  // namespace

void MeasurementHistory::append(std::span<const messages::StepMetrics> metrics) {
  for (const auto& m : metrics) {
    if (m.updateRatio > 0.0) ratios_.push_back({.step = m.step, .ratio = m.updateRatio});
    const Spike spike{
        .step = m.step, .lossZ = loss_.add(m.loss).value_or(0.0), .gradNormZ = gradNorm_.add(m.gradNorm).value_or(0.0)};
    if (spike.lossZ >= run_folder::kSpikeZ || spike.gradNormZ >= run_folder::kSpikeZ) spikes_.push_back(spike);
  }
}

void MeasurementHistory::append(const messages::ValidationPoint& point) {
  if (validation_.empty() || point.step > validation_.back().step) validation_.push_back(point);
}

void MeasurementHistory::putBefore(const MeasurementHistory& earlier) {
  putInFront(earlier.validation_, validation_);
  putInFront(earlier.ratios_, ratios_);
  putInFront(earlier.spikes_, spikes_);
}

MeasurementHistory MeasurementHistory::read(const std::filesystem::path& run) {
  MeasurementHistory history;
  history.append(run_folder::readMetrics(run / "metrics.bin"));
  history.validation_ = run_folder::readValidation(run);
  history.ratios_ = run_folder::readUpdateRatios(run);
  return history;
}

}  // namespace dw::ui
