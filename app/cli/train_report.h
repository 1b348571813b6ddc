// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "messages/messages.h"
#include "messages/step_metrics.h"

namespace dw::cli {

/// Tells the user of `dwb train` what happens: a progress bar, plain lines, JSON lines or nearly nothing.
class TrainReport {
 public:
  virtual ~TrainReport() = default;
  virtual void event(const messages::Event& event) = 0;
  virtual void steps(std::span<const messages::StepMetrics> steps) = 0;
  /// Called some 20 times a second.
  virtual void tick() {}
  /// The last word, after the run has ended.
  virtual void end() = 0;
  /// Why the run failed, if it did.
  std::optional<messages::Failed> failure() const { return failure_; }

 protected:
  std::optional<messages::Failed> failure_;
};

/// Progress bar with rate and time left on a terminal, a plain line every few seconds elsewhere; both on stderr.
std::unique_ptr<TrainReport> makeTextReport(bool terminal);
/// {"step","loss","lr","grad_norm","step_ms",...} a step and {"event":...} for the rest, on stdout.
std::unique_ptr<TrainReport> makeJsonReport();
/// Warnings, and the run folder at the end.
std::unique_ptr<TrainReport> makeQuietReport();

}  // namespace dw::cli
