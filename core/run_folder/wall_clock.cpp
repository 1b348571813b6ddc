// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/wall_clock.h"

#include <algorithm>

#include "base/error.h"
#include "run_folder/run_folder.h"
#include "run_folder/run_log.h"

namespace dw::run_folder {
namespace {

double created(const std::filesystem::path& run) {
  try {
    return static_cast<double>(run_folder::readDescription(run).created);
  } catch (const Error&) {  // the steps can be told without a date
    return 0.0;
  }
}

}  // namespace

WallClock::WallClock(const std::filesystem::path& run) : began_(created(run)) {
  std::int64_t steps = 0;
  for (const auto& line : readLog(run / "log.jsonl")) {
    if (!line.event) continue;
    if (const auto* opened = std::get_if<messages::RunOpened>(&*line.event)) {
      steps = opened->firstStep;
      // What was trained beyond it before is abandoned, and so are those stretches.
      std::erase_if(stretches_, [&](const Stretch& s) { return s.stepsBefore >= steps; });
    } else if (const auto* applied = std::get_if<messages::CommandApplied>(&*line.event)) {
      steps = applied->step;
    } else if (const auto* change = std::get_if<messages::StateChanged>(&*line.event);
               change != nullptr && change->to == messages::State::Running) {
      stretches_.push_back({steps, line.time});
    }
  }
  std::stable_sort(stretches_.begin(), stretches_.end(),
                   [](const auto& a, const auto& b) { return a.stepsBefore < b.stepsBefore; });
}

double WallClock::of(const messages::StepMetrics& metrics) {
  while (next_ < stretches_.size() && stretches_[next_].stepsBefore < metrics.step) {
    began_ = stretches_[next_++].began;
    activeBefore_ = lastActive_;
  }
  lastActive_ = metrics.activeS;
  last_ = std::max(last_, began_ + metrics.activeS - activeBefore_);
  return last_;
}

}  // namespace dw::run_folder
