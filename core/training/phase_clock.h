// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Event.h>
#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace dw::training {

/// Times of the phases of one update, in milliseconds.
struct PhaseTimes {
  double forward = 0.0;
  double backward = 0.0;
  double optimizer = 0.0;  ///< all the rest of the update
};

/// Tells how long the phases of an update take on the device. A GPU is only told what to do, and works later: there, marks
/// go into its own queue, so that what is timed is the work and not the telling. They cost a few microseconds.
class PhaseClock {
 public:
  explicit PhaseClock(at::Device device) : device_(device) {}

  void begin();         ///< of an update
  void forwardEnds();   ///< of a micro-batch
  void backwardEnds();  ///< of the same one
  /// At the end of the update. On a GPU: only after all marks were passed, that is after its results were read.
  PhaseTimes end();

 private:
  void mark();

  at::Device device_;
  std::chrono::steady_clock::time_point began_;
  std::vector<std::chrono::steady_clock::time_point> times_;  ///< on the CPU: begin, then two for each micro-batch
  std::vector<c10::Event> events_;                            ///< on a GPU: the same; kept from one update to the next
  std::size_t used_ = 0;
};

}  // namespace dw::training
