// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw::run_folder {

/// How a run stands, as the list of runs shows it.
enum class RunState {
  Training,     ///< a process trains it now: this one, another one, or one on another machine
  Paused,       ///< as above, but it waits
  Finished,     ///< did all its steps
  Stopped,      ///< ended by the user before its last step, with a checkpoint
  Failed,       ///< ended by an error that is in its log
  Interrupted,  ///< its trainer is gone without an end in the log: killed, power cut
  Damaged,      ///< recipe.json or metrics.bin cannot be read
  NewerFormat,  ///< written by a newer version of the program
  Incomplete,   ///< files that must be there are missing: half a copy
};

/// "training", "finished", "newer_format", ...: as JSON has it.
const char* nameOf(RunState state) noexcept;

/// Whether a process is at work on it, so that it must not be moved or changed.
constexpr bool isLive(RunState state) noexcept { return state == RunState::Training || state == RunState::Paused; }

}  // namespace dw::run_folder
