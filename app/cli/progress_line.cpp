// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/progress_line.h"

#include <cstdio>

#include "base/terminal.h"
#include "base/text_format.h"

namespace dw::cli {
namespace {

constexpr std::chrono::milliseconds kQuiet{500}, kBetween{100};

}  // namespace

ProgressLine::ProgressLine() : terminal_(errorOutputIsTerminal()) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
}

void ProgressLine::show(const std::string& activity, double fraction) {
  const auto now = Clock::now();
  if (activity != activity_) {
    activity_ = activity;
    began_ = now;
  }
  if (!terminal_ || now - began_ < kQuiet || now - last_ < kBetween) return;
  last_ = now;
  shown_ = true;
  std::fprintf(stderr, "\r\033[K%s %.0f %%", activity.c_str(), fraction * 100.0);
  if (fraction <= 0.0) return;
  const double left = std::chrono::duration<double>(now - began_).count() * (1.0 - fraction) / fraction;
  std::fprintf(stderr, ", %s left", durationText(left).c_str());
}

}  // namespace dw::cli
