// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/metrics_history.h"

#include <algorithm>
#include <utility>

namespace dw::ui {

void MetricsHistory::clear() {
  step.clear();
  loss.clear();
  lr.clear();
  gradNorm.clear();
}

bool MetricsHistory::append(std::span<const run::StepMetrics> metrics) {
  bool gapless = true;
  for (const auto& m : metrics) {
    if (m.step <= lastStep()) continue;
    gapless = gapless && m.step == lastStep() + 1;
    step.push_back(m.step);
    loss.push_back(m.loss);
    lr.push_back(static_cast<float>(m.lr));
    gradNorm.push_back(static_cast<float>(m.gradNorm));
  }
  return gapless;
}

bool MetricsHistory::append(const MetricsHistory& more) {
  bool gapless = true;
  for (std::size_t i = 0; i < more.size(); ++i) {
    if (more.step[i] <= lastStep()) continue;
    gapless = gapless && more.step[i] == lastStep() + 1;
    step.push_back(more.step[i]);
    loss.push_back(more.loss[i]);
    lr.push_back(more.lr[i]);
    gradNorm.push_back(more.gradNorm[i]);
  }
  return gapless;
}

void MetricsHistory::dropFrom(std::int64_t firstDropped) {
  const auto kept = static_cast<std::size_t>(std::lower_bound(step.begin(), step.end(), firstDropped) - step.begin());
  step.resize(kept);
  loss.resize(kept);
  lr.resize(kept);
  gradNorm.resize(kept);
}

void MetricsHistory::merge(MetricsHistory complete) {
  const auto newer = std::upper_bound(step.begin(), step.end(), complete.lastStep()) - step.begin();
  complete.step.insert(complete.step.end(), step.begin() + newer, step.end());
  complete.loss.insert(complete.loss.end(), loss.begin() + newer, loss.end());
  complete.lr.insert(complete.lr.end(), lr.begin() + newer, lr.end());
  complete.gradNorm.insert(complete.gradNorm.end(), gradNorm.begin() + newer, gradNorm.end());
  *this = std::move(complete);
}

}  // namespace dw::ui
