// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

namespace dw::cli {

/// One line on a terminal's stderr for work that lasts: "reading 43 %, 0:12 left". Nothing where stderr is no terminal,
/// or in the first half second. The line is wiped away at the end.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& activity, double fraction);

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  bool shown_ = false;
  std::string activity_;
  Clock::time_point began_, last_;
};

}  // namespace dw::cli
