// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "config/live_fields.h"
#include "config/live_settings.h"
#include "messages/measurements.h"

namespace dw::messages {

enum class State { Idle, Preparing, Running, Paused, Stopping, Finished, Failed };
// not toString: Qt Test takes a function of that name, and frees what it returns
const char* nameOf(State state) noexcept;

// ---- Commands: any thread -> training thread, taken at the top of each step ----
// Each is answered by CommandApplied or CommandRefused, with the step. Those marked (live) change the live settings: they
// are counted, stand in log.jsonl so that a replay repeats them, and can be undone.
struct Pause {};
struct Resume {};
struct Stop {};  ///< ends the run after the step in hand, with a checkpoint
struct SaveCheckpoint {};
struct StepOnce {};  ///< while paused: one update, and paused again
/// (live) One number; limits: config::validateLive.
struct Change {
  config::LiveField field = config::LiveField::LearningRate;
  double value = 0.0;
};
/// (live) Another curve of the learning rate from now on: its `from` becomes the step at which it is applied, and the rest
/// of the run up to the total is its length. peak: the rate it scales from then on.
struct Reshape {
  double peak = 0.0;
  config::LrCurve shape;
};
struct Undo {};       ///< (live) takes the last change back
struct Redo {};       ///< (live) makes it again
struct HalveRate {};  ///< (live) remedy of a Trouble: half the learning rate, then goes on
/// (live, not undone) remedy of a Trouble: leaves out the batch of this update, then goes on
struct SkipBatch {};
/// Remedy of a Trouble, or while paused: weights, optimizer, average and live settings of a checkpoint of this run; stays
/// paused. step: which one; negative: the newest good one before the present step. Answered by WentBack.
struct GoBack {
  std::int64_t step = -1;
};
/// Copies the weights as they are at this step boundary, to predict with (inference/model.h). Answer: TrainingRunner::takeWeights;
/// it is no event, because it happens often.
struct CopyWeights {
  bool averaged = false;
};
using Command = std::variant<Pause, Resume, Stop, SaveCheckpoint, StepOnce, Change, Reshape, Undo, Redo, HalveRate,
                             SkipBatch, GoBack, CopyWeights>;

/// The live settings as they stand, and what may be done with them.
struct LiveState {
  config::LiveSettings settings{};
  int undos = 0, redos = 0;  ///< changes that can be taken back, made again
  /// (live) commands applied since the run began; its checkpoints know it, so a replay does; -1: read from a log of before they were counted
  std::int64_t changes = 0;
};

// ---- Events: training thread -> whoever drains them, rare ----
struct StateChanged {
  State from = State::Idle, to = State::Idle;
};
/// The run folder exists and training is about to begin.
struct RunOpened {
  std::filesystem::path folder;
  std::int64_t parameters = 0;  ///< trained numbers of the model
  std::int64_t firstStep = 0;   ///< updates done before (0, or where a resumed run goes on)
  std::int64_t totalSteps = 0;
  int threads = 0;
  std::string device;
  LiveState live{};
  std::int64_t recipeSteps = 0;  ///< total that the recipe says; totalSteps may have been set by hand since
};
/// Of preparing: "reading the dataset", 0..1.
struct Progress {
  std::string activity;
  double fraction = 0.0;
};
struct CheckpointSaved {
  std::int64_t step = 0;
  std::filesystem::path folder;
  double seconds = 0.0;
};
struct Validated {
  ValidationPoint point;
};
struct CommandApplied {
  std::int64_t step = 0;          ///< updates done before it: it holds from update number step + 1 on
  std::string name;               ///< "learning_rate", "undo", "pause": commandName()
  std::string detail;             ///< "0.0001 -> 0.0003"; empty if there is nothing to tell
  Command command{};              ///< what was asked
  std::string by = "user";        ///< user | remedy | resume | branch | replay | whatever the sender called itself
  std::int64_t number = 0;        ///< of a (live) command, from 1 on; 0 for the others
  config::LiveSettings before{};  ///< of a (live) command
  LiveState after{};              ///< of a (live) command
};
/// It changed nothing.
struct CommandRefused {
  std::int64_t step = 0;
  std::string name;
  std::string sentence, remedy;  ///< why, and what to do instead
  Command command{};
  std::string by = "user";
};
/// The next update cannot be made. The run is paused on good weights, those of `step`; only where it was started with OnTrouble::Pause (trainer/run_request.h),
/// else it fails. Resume tries the same update again.
struct Trouble {
  ErrorKind kind = ErrorKind::NotFinite;  ///< or OutOfMemory
  std::string sentence, remedy;
  std::int64_t step = 0;                      ///< updates done
  std::vector<std::int64_t> samples{};        ///< of the batch that was to be learnt, by number in the dataset
  std::string tensor{};                       ///< first one that is not finite
  bool halveRate = false, skipBatch = false;  ///< remedies that make sense
  std::int64_t goBackTo = -1;                 ///< step of the checkpoint that GoBack{} takes; -1: there is none
};
/// The run stands at an earlier checkpoint: metrics beyond it are abandoned.
struct WentBack {
  std::int64_t from = 0, to = 0;
  std::filesystem::path checkpoint;
  LiveState live{};
};
struct Warning {
  std::string sentence, remedy;
};
struct Failed {
  ErrorKind kind = ErrorKind::Internal;
  std::string sentence, remedy;
  std::int64_t step = 0;
  bool inData = false;      ///< the run's dataset is not where it was, or is another one
  bool extrasOnly = false;  ///< the weight file would do without the weights that the model does not have
};
using Event = std::variant<StateChanged, RunOpened, Progress, CheckpointSaved, Validated, CommandApplied,
                           CommandRefused, Trouble, WentBack, Warning, Failed>;

/// Name of a command as it stands in log.jsonl; of a Change the key of its field.
std::string commandName(const Command& command);

}  // namespace dw::messages
