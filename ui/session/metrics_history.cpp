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

void MetricsHistory::merge(MetricsHistory complete) {
  const auto newer = std::upper_bound(step.begin(), step.end(), complete.lastStep()) - step.begin();
  complete.step.insert(complete.step.end(), step.begin() + newer, step.end());
  complete.loss.insert(complete.loss.end(), loss.begin() + newer, loss.end());
  complete.lr.insert(complete.lr.end(), lr.begin() + newer, lr.end());
  complete.gradNorm.insert(complete.gradNorm.end(), gradNorm.begin() + newer, gradNorm.end());
  *this = std::move(complete);
}

}  // namespace dw::ui
