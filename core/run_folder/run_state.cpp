// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/run_state.h"

namespace dw::run_folder {

const char* nameOf(RunState state) noexcept {
  switch (state) {
    case RunState::Training: return "training";
    case RunState::Paused: return "paused";
    case RunState::Finished: return "finished";
    case RunState::Stopped: return "stopped";
    case RunState::Failed: return "failed";
    case RunState::Interrupted: return "interrupted";
    case RunState::Damaged: return "damaged";
    case RunState::NewerFormat: return "newer_format";
    case RunState::Incomplete: return "incomplete";
  }
  return "damaged";
}

}  // namespace dw::run_folder
