// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

#include "base/error.h"

namespace dw::run {

enum class State { Idle, Preparing, Running, Paused, Stopping, Finished, Failed };
const char* toString(State state) noexcept;

// ---- Commands: any thread -> training thread, taken at the top of each step ----
struct Pause {};
struct Resume {};
struct Stop {};            ///< ends the run after the step in hand, with a checkpoint
struct SaveCheckpoint {};
struct SetLearningRate { double lr = 0.0; };  ///< the peak rate that the schedule scales
using Command = std::variant<Pause, Resume, Stop, SaveCheckpoint, SetLearningRate>;

// ---- Events: training thread -> whoever drains them, rare ----
struct StateChanged { State from = State::Idle, to = State::Idle; };
/// The run folder exists and training is about to begin.
struct RunOpened {
  std::filesystem::path folder;
  std::int64_t parameters = 0;  ///< trained numbers of the model
  std::int64_t firstStep = 0;   ///< updates done before (0, or where a resumed run goes on)
  std::int64_t totalSteps = 0;
  int threads = 0;
  std::string device;
};
struct Progress { std::string activity; double fraction = 0.0; };  ///< of preparing: "reading the dataset", 0..1
struct CheckpointSaved { std::int64_t step = 0; std::filesystem::path folder; double seconds = 0.0; };
struct CommandApplied { std::int64_t step = 0; std::string name; std::string detail; };  ///< step: updates done before it
struct Warning { std::string sentence, remedy; };
struct Failed { ErrorKind kind = ErrorKind::Internal; std::string sentence, remedy; std::int64_t step = 0; };
using Event = std::variant<StateChanged, RunOpened, Progress, CheckpointSaved, CommandApplied, Warning, Failed>;

}  // namespace dw::run
