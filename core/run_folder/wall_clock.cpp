// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/wall_clock.h"

#include <algorithm>
#include <string>

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
  LogReader log(run / "log.jsonl");
  std::int64_t steps = 0;
  const auto number = [](const nlohmann::json& line, const char* key) {
    const auto found = line.find(key);
    return found != line.end() && found->is_number() ? found->get<double>() : 0.0;
  };
  for (auto lines = log.poll(); !lines.empty(); lines = log.poll()) {
    for (const auto& line : lines) {
      const auto event = line.value("event", nlohmann::json());
      if (event == "run_opened") {
        steps = static_cast<std::int64_t>(number(line, "first_step"));
        // What was trained beyond it before is abandoned, and so are those stretches.
        std::erase_if(stretches_, [&](const Stretch& s) { return s.stepsBefore >= steps; });
      }
      if (event == "command_applied") steps = static_cast<std::int64_t>(number(line, "step"));
      if (event == "state" && line.value("to", nlohmann::json()) == "running") stretches_.push_back({steps, number(line, "time")});
    }
  }
  std::stable_sort(stretches_.begin(), stretches_.end(), [](const auto& a, const auto& b) { return a.stepsBefore < b.stepsBefore; });
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
