// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/replay.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "run_folder/checkpoint_folder.h"
#include "messages/command_json.h"
#include "run_folder/metrics_file.h"

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

/// Calls take(line) for every whole line that is a JSON object.
template <typename Take>
void eachLine(const std::string& log, const Take& take) {
  for (std::size_t begin = 0, end = 0; (end = log.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto line = json::parse(log.begin() + static_cast<std::ptrdiff_t>(begin), log.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (line.is_object()) take(line);
  }
}

/// Gathers commands; what a later part of the log gives up goes.
class Script {
 public:
  explicit Script(std::vector<messages::Warning>& warnings) : warnings_(warnings) {}

  void take(const json& line) {
    const auto event = text(line, "event");
    if (event == "run_opened" || event == "went_back") {
      const auto kept = number(line, "changes");
      if (!kept) return;
      if (!opened_ && event == "run_opened") first_ = std::min(first_.value_or(*kept), *kept);
      opened_ = true;
      dropAfter(*kept);
    } else if (event == "command_applied") {
      takeCommand(line);
    }
  }

  std::vector<ScriptedCommand> finish() {
    // A branch counts on from its parent, whose commands its first checkpoint holds already.
    auto expected = first_.value_or(0) + 1;
    if (!commands_.empty() && commands_.front().number < expected) expected = commands_.front().number;  // given while preparing
    for (const auto& command : commands_) {
      if (command.number != expected) warn("command number " + std::to_string(expected) + " is missing in the log");
      expected = command.number + 1;
    }
    return std::move(commands_);
  }

 private:
  void takeCommand(const json& line) {
    const auto count = number(line, "number"), step = number(line, "step");
    if (!count) {
      if (text(line, "command") == "learning_rate") warn("an older version wrote the log, without the exact rates");
      return;
    }
    const auto command = messages::liveCommandFromJson(line);
    if (!command || !step) return;
    dropAfter(*count - 1);
    commands_.push_back({*step, *count, *command});
  }

  void dropAfter(std::int64_t kept) {
    std::erase_if(commands_, [kept](const auto& command) { return command.number > kept; });
  }

  void warn(const std::string& why) { warnings_.push_back({why + ", so the losses may differ", "compare the hashes at the end"}); }

  std::vector<ScriptedCommand> commands_;
  std::optional<std::int64_t> first_;
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
  throw Error(ErrorKind::Usage, runFolder, "this run branched from " + replay.branchFrom.string() + ", which is gone, so it cannot be repeated",
              "repeat the run it came from, and branch anew");
}

}  // namespace

std::vector<ScriptedCommand> scriptOf(const std::string& log, std::vector<messages::Warning>& warnings) {
  Script script(warnings);
  eachLine(log, [&](const json& line) { script.take(line); });
  return script.finish();
}

ReplayPlan readReplay(const std::filesystem::path& runFolder) {
  ReplayPlan replay{.description = run_folder::readDescription(runFolder)};
  const auto metrics = run_folder::readMetrics(runFolder / "metrics.bin");
  if (metrics.empty()) throw Error(ErrorKind::Usage, runFolder, "this run has made no step, so there is nothing to repeat", "choose another run");
  replay.script.lastStep = metrics.back().step;
  const auto logFile = runFolder / "log.jsonl";
  const auto log = std::filesystem::exists(logFile) ? readTextFile(logFile) : std::string();
  // Resuming with another total rewrites the recipe; the log knows the one it began with. Logs of before knew the live one
  // only, which a branch may have from its parent.
  bool opened = false;
  eachLine(log, [&](const json& line) {
    if (opened || text(line, "event") != "run_opened") return;
    opened = true;
    if (const auto total = number(line, line.contains("recipe_steps") ? "recipe_steps" : "total_steps"); total && *total > 0) replay.description.recipe.train.steps = *total;
  });
  if (!opened) replay.warnings.push_back({"the run has no log of its commands, so the losses may differ", "compare the hashes at the end"});
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
