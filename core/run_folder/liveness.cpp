// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/liveness.h"

#include <algorithm>

#include "base/error.h"
#include "base/file_lock.h"
#include "run_folder/run_folder.h"

namespace dw::run_folder {

namespace fs = std::filesystem;

LivenessProbe::LivenessProbe(const fs::path& run) : lock_(run / run_folder::kLockFile) {}

Liveness LivenessProbe::look(Clock::time_point now) {
  const auto lock = lookAtLock(lock_);
  Liveness out{.alive = lock.held, .ofThisProcess = lock.ofThisProcess, .process = lock.process, .host = lock.host};
  if (lock.held || lock.ofThisBoot || lock.process == 0) return out;
  std::error_code absent;
  const auto beat = fs::last_write_time(lock_, absent);
  if (absent) return out;
  if (!beat_) {
    const auto age = fs::file_time_type::clock::now() - beat;
    const auto left = kSilence - std::chrono::duration_cast<std::chrono::seconds>(age);
    // A date in the future is the other machine's clock: it gets one full span to show a change.
    deadAt_ = now + std::clamp(left, std::chrono::seconds(0), kSilence);
  } else if (*beat_ != beat) {
    deadAt_ = now + kSilence;
  }
  beat_ = beat;
  out.alive = now < deadAt_;
  return out;
}

std::unique_ptr<FileLock> holdRun(const fs::path& run) {
  const auto trainer = LivenessProbe(run).look();
  if (trainer.alive && !lookAtLock(run / kLockFile).held) {
    throw Error(ErrorKind::Busy, run,
                "this run is being trained on " + trainer.host + " (process " + std::to_string(trainer.process) + ")",
                "wait until it ends or stop it there");
  }
  return std::make_unique<FileLock>(run / kLockFile);
}

}  // namespace dw::run_folder
