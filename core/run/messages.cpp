// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/messages.h"

namespace dw::run {

const char* toString(State state) noexcept {
  switch (state) {
    case State::Idle: return "idle";
    case State::Preparing: return "preparing";
    case State::Running: return "running";
    case State::Paused: return "paused";
    case State::Stopping: return "stopping";
    case State::Finished: return "finished";
    case State::Failed: return "failed";
  }
  return "failed";
}

}  // namespace dw::run
