// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/run_follower.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "run_library/run_summary.h"

namespace dw::run_library {

namespace fs = std::filesystem;

RunFollower::RunFollower(fs::path run) : run_(std::move(run)), probe_(run_), logReader_(run_ / "log.jsonl") {}

void RunFollower::readFormat() {
  // recipe.json is written once it is known what is trained, and at every resume; it is small.
  const auto summary = readRunSummary(run_, probe_);
  planned_ = summary.stepsPlanned;
  newer_ = summary.state == run_folder::RunState::NewerFormat;
}

void RunFollower::pollMetrics(FollowerUpdate& update, std::size_t mostSteps) {
  const auto path = run_ / "metrics.bin";
  std::error_code absent;
  if (!fs::exists(path, absent)) return;
  const ReadFile file(path);  // opened anew each time: only so does a network folder show what was added
  // Another file under its name (fetched anew, restored): what was read before is not in it.
  bool replaced = file.size() < offset_;
  if (!replaced && lastStep_ > 0) {
    const auto known = run_folder::readMetricsPart(file, offset_ - run_folder::kMetricsRecordBytes, 1).records;
    replaced = known.size() != 1 || !std::ranges::equal(std::as_bytes(std::span(&known[0].metrics, 1)),
                                                        std::as_bytes(std::span(&lastRecord_, 1)));
  }
  if (replaced) {
    offset_ = 0;
    update.rewindTo = lastStep_ = 0;
  }
  if (const auto last = run_folder::readLastMetrics(file)) stepsInFile_ = last->metrics.step;
  auto part = run_folder::readMetricsPart(file, offset_, mostSteps);
  for (const auto& record : part.records) {
    if (lastStep_ > 0 && record.metrics.step <= lastStep_) {
      // One step back an update: what follows it in this file is delivered by the next poll.
      if (!update.steps.empty() || update.rewindTo) {
        update.more = true;
        return;
      }
      update.rewindTo = record.metrics.step;
    }
    update.steps.push_back(record.metrics);
    lastStep_ = record.metrics.step;
    lastRecord_ = record.metrics;
    offset_ = (offset_ == 0 ? part.end - part.records.size() * run_folder::kMetricsRecordBytes : offset_) +
              run_folder::kMetricsRecordBytes;
  }
  if (part.records.empty()) offset_ = part.end;
  if (part.damaged)
    trouble_ = "metrics.bin is damaged after step " + std::to_string(lastStep_) + ": the curve ends there";
  update.more = part.more;
}

void RunFollower::pollLog(FollowerUpdate& update) {
  update.log = logReader_.poll();
  for (const auto& line : update.log) log_.take(line);
  hasLog_ = hasLog_ || !update.log.empty();
}

FollowerUpdate RunFollower::poll(std::size_t mostSteps, run_folder::LivenessProbe::Clock::time_point now) {
  FollowerUpdate update;
  trouble_.clear();
  // The trainer first: an end that it writes after this look is still read below, so a run that ended well never shows as
  // interrupted for a moment.
  trainer_ = probe_.look(now);
  const auto attempt = [&](auto read) {
    try {
      read();
    } catch (const std::exception& e) {
      trouble_ = e.what();
    }
  };
  if (!looked_) readFormat();
  attempt([&] { pollMetrics(update, mostSteps); });
  attempt([&] { pollLog(update); });
  std::error_code gone;
  if (!fs::exists(run_, gone)) trouble_ = "the run's folder is gone: it was renamed, moved or deleted";
  if (log_.totalSteps > 0) planned_ = log_.totalSteps;
  auto state = stateOf(hasLog_ ? std::optional(log_) : std::nullopt, trainer_.alive, stepsInFile_, planned_);
  if (newer_)
    state = run_folder::RunState::NewerFormat;
  else if (!hasLog_ && !trainer_.alive)
    state = run_folder::RunState::Incomplete;
  update.stateChanged = !looked_ || state != state_;
  state_ = state;
  looked_ = true;
  return update;
}

}  // namespace dw::run_library
