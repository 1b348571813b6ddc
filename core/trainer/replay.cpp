// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/replay.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/error.h"
#include "base/sha256.h"
#include "config/live_fields.h"
#include "run_folder/checkpoint_folder.h"
#include "run_folder/metrics_file.h"
#include "trainer/live_control.h"

namespace dw::trainer {
namespace {

using nlohmann::json;

std::string text(const json& line, const char* key) {
  const auto value = line.value(key, json());
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::int64_t> number(const json& line, const char* key) {
  const auto value = line.value(key, json());
  return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

/// Gathers commands; what a later part of the log gives up goes.
class Script {
 public:
  explicit Script(std::vector<messages::Warning>& warnings) : warnings_(warnings) {}

  void take(const messages::Event& event) {
    if (const auto* opened = std::get_if<messages::RunOpened>(&event)) {
      const auto kept = opened->live.changes;
      if (!opened_ && kept >= 0) first_ = kept;
      keep(kept);
    } else if (const auto* back = std::get_if<messages::WentBack>(&event)) {
      keep(back->live.changes);
    } else if (const auto* applied = std::get_if<messages::CommandApplied>(&event)) {
      takeCommand(*applied);
    }
  }

  std::vector<ScriptedCommand> finish() {
    // A branch counts on from its parent, whose commands its first checkpoint holds already.
    auto expected = first_ + 1;
    // given while preparing
    if (!commands_.empty() && commands_.front().number < expected) expected = commands_.front().number;
    for (const auto& command : commands_) {
      if (command.number != expected) warn("command number " + std::to_string(expected) + " is missing in the log");
      expected = command.number + 1;
    }
    return std::move(commands_);
  }

 private:
  void takeCommand(const messages::CommandApplied& applied) {
    if (applied.number <= 0) {
      if (applied.name == config::infoOf(config::LiveField::LearningRate).key)
        warn("an older version wrote the log, without the exact rates");
      return;
    }
    if (!LiveControl::handles(applied.command)) return;  // of a version that knows more, or less: its number is missing
    dropAfter(applied.number - 1);
    commands_.push_back({applied.step, applied.number, applied.command});
  }

  /// So many commands count, of those so far; negative: an older version wrote the log, which does not say.
  void keep(std::int64_t changes) {
    if (changes < 0) return;
    opened_ = true;
    dropAfter(changes);
  }

  void dropAfter(std::int64_t kept) {
    std::erase_if(commands_, [kept](const auto& command) { return command.number > kept; });
  }

  void warn(const std::string& why) {
    warnings_.push_back({why + ", so the losses may differ", "compare the hashes at the end"});
  }

  std::vector<ScriptedCommand> commands_;
  std::int64_t first_ = 0;  ///< commands that the first opening has behind it
  bool opened_ = false;
  std::vector<messages::Warning>& warnings_;
};

void takeOrigin(ReplayPlan& replay, const std::filesystem::path& runFolder) {
  const auto& origin = replay.description.origin;
  if (!origin.is_object()) return;
  replay.weights = text(origin, "weights");
  replay.ignoreExtras = origin.value("ignore_extras", json(false)) == json(true);
  const auto parent = text(origin, "run");
  const auto step = number(origin, "step");
  if (parent.empty() || !step) return;
  replay.branchFrom = std::filesystem::path(parent) / "checkpoints" / run_folder::stepName(*step);
  if (std::filesystem::exists(replay.branchFrom)) return;
  throw Error(ErrorKind::Usage, runFolder,
              "this run branched from " + replay.branchFrom.string() + ", which is gone, so it cannot be repeated",
              "repeat the run it came from, and branch anew");
}

}  // namespace

std::vector<ScriptedCommand> scriptOf(std::span<const run_folder::LogLine> log,
                                      std::vector<messages::Warning>& warnings) {
  Script script(warnings);
  for (const auto& line : log) {
    if (line.event) script.take(*line.event);
  }
  return script.finish();
}

ReplayPlan readReplay(const std::filesystem::path& runFolder) {
  ReplayPlan replay{.description = run_folder::readDescription(runFolder)};
  const auto metrics = run_folder::readMetrics(runFolder / "metrics.bin");
  if (metrics.empty())
    throw Error(ErrorKind::Usage, runFolder, "this run has made no step, so there is nothing to repeat",
                "choose another run");
  replay.script.lastStep = metrics.back().step;
  const auto log = run_folder::readLog(runFolder / "log.jsonl");
  // Resuming with another total rewrites the recipe; the log knows the one it began with.
  const auto isOpening = [](const run_folder::LogLine& line) {
    return line.event && std::holds_alternative<messages::RunOpened>(*line.event);
  };
  if (const auto first = std::ranges::find_if(log, isOpening); first == log.end()) {
    replay.warnings.push_back(
        {"the run has no log of its commands, so the losses may differ", "compare the hashes at the end"});
  } else if (const auto total = std::get<messages::RunOpened>(*first->event).recipeSteps; total > 0) {
    replay.description.recipe.train.steps = total;
  }
  auto commands = scriptOf(log, replay.warnings);
  replay.script.commands.assign(std::make_move_iterator(commands.begin()), std::make_move_iterator(commands.end()));
  takeOrigin(replay, runFolder);
  return replay;
}

std::string lossHash(std::span<const messages::StepMetrics> metrics) {
  Sha256 hash;
  for (const auto& m : metrics) {
    hash.update(std::as_bytes(std::span(&m.step, 1)));
    hash.update(std::as_bytes(std::span(&m.loss, 1)));
  }
  return hash.hex();
}

}  // namespace dw::trainer
