// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "messages/step_metrics.h"

namespace dw::run_folder {

/// When each step was done. metrics.bin keeps seconds of training only; log.jsonl says at which time and step each stretch
/// of training began (start, resume, end of a pause), and from there on those seconds count. Without a log: from
/// recipe.json's date on.
class WallClock {
 public:
  explicit WallClock(const std::filesystem::path& run);

  /// Seconds since 1970. To be asked step by step, in their order; never runs backwards.
  double of(const messages::StepMetrics& metrics);

 private:
  struct Stretch {
    std::int64_t stepsBefore = 0;
    double began = 0.0;
  };
  std::vector<Stretch> stretches_;
  std::size_t next_ = 0;
  double began_ = 0.0, activeBefore_ = 0.0;
  double lastActive_ = 0.0, last_ = 0.0;
};

}  // namespace dw::run_folder
