// SPDX-License-Identifier: GPL-3.0-or-later
#include "messages/messages.h"

namespace dw::messages {

const char* nameOf(State state) noexcept {
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

std::string commandName(const Command& command) {
  struct Names {
    std::string operator()(const Pause&) const { return "pause"; }
    std::string operator()(const Resume&) const { return "resume"; }
    std::string operator()(const Stop&) const { return "stop"; }
    std::string operator()(const SaveCheckpoint&) const { return "save"; }
    std::string operator()(const StepOnce&) const { return "step_once"; }
    std::string operator()(const Change& c) const { return config::infoOf(c.field).key; }
    std::string operator()(const Reshape&) const { return "reshape"; }
    std::string operator()(const Undo&) const { return "undo"; }
    std::string operator()(const Redo&) const { return "redo"; }
    std::string operator()(const HalveRate&) const { return "halve_rate"; }
    std::string operator()(const SkipBatch&) const { return "skip_batch"; }
    std::string operator()(const GoBack&) const { return "go_back"; }
    std::string operator()(const CopyWeights&) const { return "copy_weights"; }
  };
  return std::visit(Names{}, command);
}

}  // namespace dw::messages
