// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/metrics_history.h"

#include <algorithm>
#include <utility>

namespace dw::ui {
namespace {

/// Calls f(column of a, column of b) for every column.
template <class A, class B, class F>
void forColumns(A& a, B& b, F f) {
  f(a.step, b.step);
  f(a.loss, b.loss);
  f(a.lr, b.lr);
  f(a.gradNorm, b.gradNorm);
  f(a.samples, b.samples);
  f(a.activeS, b.activeS);
}

}  // namespace

void MetricsHistory::clear() {
  forColumns(*this, *this, [](auto& column, auto&) { column.clear(); });
}

bool MetricsHistory::append(std::span<const messages::StepMetrics> metrics) {
  bool gapless = true;
  for (const auto& m : metrics) {
    if (m.step <= lastStep()) continue;
    gapless = gapless && m.step == lastStep() + 1;
    step.push_back(m.step);
    loss.push_back(m.loss);
    lr.push_back(static_cast<float>(m.lr));
    gradNorm.push_back(static_cast<float>(m.gradNorm));
    samples.push_back(m.samplesSeen);
    activeS.push_back(m.activeS);
  }
  return gapless;
}

bool MetricsHistory::append(const MetricsHistory& more) {
  bool gapless = true;
  for (std::size_t i = 0; i < more.size(); ++i) {
    if (more.step[i] <= lastStep()) continue;
    gapless = gapless && more.step[i] == lastStep() + 1;
    forColumns(*this, more, [i](auto& mine, const auto& theirs) { mine.push_back(theirs[i]); });
  }
  return gapless;
}

void MetricsHistory::dropFrom(std::int64_t firstDropped) {
  const auto kept = static_cast<std::size_t>(std::lower_bound(step.begin(), step.end(), firstDropped) - step.begin());
  forColumns(*this, *this, [kept](auto& column, auto&) { column.resize(kept); });
}

void MetricsHistory::merge(MetricsHistory complete) {
  const auto newer = std::upper_bound(step.begin(), step.end(), complete.lastStep()) - step.begin();
  forColumns(complete, *this, [newer](auto& theirs, const auto& mine) {
    theirs.insert(theirs.end(), mine.begin() + newer, mine.end());
  });
  *this = std::move(complete);
}

}  // namespace dw::ui
