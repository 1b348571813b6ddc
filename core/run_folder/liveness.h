// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/file_lock.h"

namespace dw::run_folder {

/// Whether somebody trains a run now.
struct Liveness {
  bool alive = false;
  bool ofThisProcess = false;
  int process = 0;   ///< of the last trainer; 0 = unknown
  std::string host;  ///< of the last trainer; empty = unknown
};

/// Watches one run's trainer. On this machine the lock tells, at once. A lock does not reach across machines that share a
/// folder; there the date of the lock file counts, which the trainer renews every 5 s (trainer/metrics_exporter.h): the
/// trainer is alive while that date changes, and gone when it has stood still for kSilence of our own clock. A trainer that ends
/// puts it back, so that whoever looks for the first time then finds nobody. Only the
/// first look must compare it with our clock; later looks do not care whether the clocks of the two machines agree.
class LivenessProbe {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kSilence{45};

  explicit LivenessProbe(const std::filesystem::path& run);
  Liveness look(Clock::time_point now = Clock::now());

 private:
  std::filesystem::path lock_;
  std::optional<std::filesystem::file_time_type> beat_;
  Clock::time_point deadAt_;
};

/// The one answer to whether a run may be written to, for whoever trains, renames, moves or packs it: its lock, if nobody trains it,
/// neither here nor, by its heartbeat, on another machine. Throws Error Busy, naming who does.
std::unique_ptr<FileLock> holdRun(const std::filesystem::path& run);

}  // namespace dw::run_folder
