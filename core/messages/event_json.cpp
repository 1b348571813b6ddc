// SPDX-License-Identifier: GPL-3.0-or-later
#include "messages/event_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "config/live_json.h"
#include "messages/command_json.h"

namespace dw::messages {
namespace {

using nlohmann::json;

struct Writer {
  json operator()(const StateChanged& e) const {
    return {{"event", "state"}, {"from", nameOf(e.from)}, {"to", nameOf(e.to)}};
  }
  json operator()(const RunOpened& e) const {
    json line{{"event", "run_opened"},        {"folder", e.folder.string()},
              {"parameters", e.parameters},   {"first_step", e.firstStep},
              {"total_steps", e.totalSteps},  {"threads", e.threads},
              {"device", e.device},           {"live", config::toJson(e.live.settings)},
              {"recipe_steps", e.recipeSteps}};
    putChanges(line, e.live);
    return line;
  }
  json operator()(const Progress& e) const {
    return {{"event", "progress"}, {"activity", e.activity}, {"fraction", e.fraction}};
  }
  json operator()(const CheckpointSaved& e) const {
    return {{"event", "checkpoint_saved"}, {"step", e.step}, {"folder", e.folder.string()}, {"seconds", e.seconds}};
  }
  json operator()(const Validated& e) const {
    return {{"event", "validation"},
            {"step", e.point.step},
            {"validation_loss", e.point.loss},
            {"ms", e.point.ms},
            {"by_bin", e.point.byBin}};
  }
  json operator()(const CommandApplied& e) const {
    auto line = toJson(e.command);
    line.update(
        {{"event", "command_applied"}, {"step", e.step}, {"command", e.name}, {"detail", e.detail}, {"by", e.by}});
    if (e.number > 0) line.update({{"number", e.number}, {"live", config::toJson(e.after.settings)}});
    return line;
  }
  json operator()(const CommandRefused& e) const {
    auto line = toJson(e.command);  // NaN and infinity become null
    line.update({{"event", "command_refused"},
                 {"step", e.step},
                 {"command", e.name},
                 {"sentence", e.sentence},
                 {"remedy", e.remedy},
                 {"by", e.by}});
    return line;
  }
  json operator()(const Trouble& e) const {
    return {{"event", "trouble"}, {"kind", dw::nameOf(e.kind)}, {"sentence", e.sentence}, {"remedy", e.remedy},
            {"step", e.step},     {"samples", e.samples},       {"tensor", e.tensor}};
  }
  json operator()(const WentBack& e) const {
    json line{{"event", "went_back"},
              {"from", e.from},
              {"to", e.to},
              {"checkpoint", e.checkpoint.string()},
              {"live", config::toJson(e.live.settings)}};
    putChanges(line, e.live);
    return line;
  }
  json operator()(const Warning& e) const {
    return {{"event", "warning"}, {"sentence", e.sentence}, {"remedy", e.remedy}};
  }
  json operator()(const Failed& e) const {
    return {{"event", "failed"},
            {"kind", dw::nameOf(e.kind)},
            {"sentence", e.sentence},
            {"remedy", e.remedy},
            {"step", e.step}};
  }

 private:
  static void putChanges(json& line, const LiveState& live) {
    if (live.changes >= 0) line["changes"] = live.changes;
  }
};

void take(const json& value, std::string& out) {
  if (value.is_string()) out = value.get<std::string>();
}
void take(const json& value, std::filesystem::path& out) {
  if (value.is_string()) out = value.get<std::string>();
}
void take(const json& value, double& out) {
  if (value.is_number())
    out = value.get<double>();
  else if (value.is_null())
    out = std::numeric_limits<double>::quiet_NaN();  // so it is written
}
template <typename Whole>
requires std::is_integral_v<Whole>
void take(const json& value, Whole& out) {
  if (value.is_number_integer())
    out = value.get<Whole>();
  else if (value.is_number() && std::abs(value.get<double>()) < 1e15)
    out = static_cast<Whole>(value.get<double>());
}
template <typename Name>
requires std::is_enum_v<Name>
void take(const json& value, Name& out, std::initializer_list<Name> all) {
  for (const auto one : all) {
    if (value.is_string() && value.get_ref<const std::string&>() == nameOf(one)) out = one;
  }
}

/// The keys of a line, each asked for by name; what is missing changes nothing.
class Line {
 public:
  explicit Line(const json& line) : line_(line) {}

  template <typename Value>
  const Line& operator()(const char* key, Value& out) const {
    if (const auto found = line_.find(key); found != line_.end()) take(*found, out);
    return *this;
  }
  const Line& operator()(const char* key, State& out) const {
    using enum State;
    if (const auto found = line_.find(key); found != line_.end())
      take(*found, out, {Idle, Preparing, Running, Paused, Stopping, Finished, Failed});
    return *this;
  }
  const Line& operator()(const char* key, ErrorKind& out) const {
    using enum ErrorKind;
    if (const auto found = line_.find(key); found != line_.end())
      take(*found, out, {Usage, BadData, Io, DiskFull, Busy, NotFinite, OutOfMemory, Cancelled, Internal});
    return *this;
  }
  const json* find(const char* key) const {
    const auto found = line_.find(key);
    return found == line_.end() ? nullptr : &*found;
  }
  LiveState live() const {
    LiveState state{.changes = -1};
    if (const auto* settings = find("live"); settings != nullptr && settings->is_object())
      state.settings = config::liveSettingsFromJson(*settings, {});
    (*this)("changes", state.changes);
    return state;
  }
  const json& all() const { return line_; }

 private:
  const json& line_;
};

Event readState(const Line& line) {
  StateChanged e;
  line("from", e.from)("to", e.to);
  return e;
}

Event readOpened(const Line& line) {
  RunOpened e;
  line("folder", e.folder)("parameters", e.parameters)("first_step", e.firstStep)("total_steps", e.totalSteps)(
      "threads", e.threads)("device", e.device);
  e.live = line.live();
  // Older logs knew the live total only, which a branch may have from its parent.
  if (line.find("recipe_steps") == nullptr) e.recipeSteps = e.totalSteps;
  line("recipe_steps", e.recipeSteps);
  return e;
}

Event readProgress(const Line& line) {
  Progress e;
  line("activity", e.activity)("fraction", e.fraction);
  return e;
}

Event readSaved(const Line& line) {
  CheckpointSaved e;
  line("step", e.step)("folder", e.folder)("seconds", e.seconds);
  return e;
}

Event readValidated(const Line& line) {
  Validated e;
  line("step", e.point.step)("validation_loss", e.point.loss)("ms", e.point.ms);
  const auto* bins = line.find("by_bin");
  for (std::size_t i = 0; bins != nullptr && bins->is_array() && i < std::min(bins->size(), e.point.byBin.size());
       ++i) {
    auto value = static_cast<double>(e.point.byBin[i]);
    take((*bins)[i], value);
    e.point.byBin[i] = static_cast<float>(value);
  }
  return e;
}

Event readApplied(const Line& line) {
  CommandApplied e;
  line("step", e.step)("command", e.name)("detail", e.detail)("by", e.by)("number", e.number);
  if (const auto command = commandFromJson(line.all())) e.command = *command;
  e.after = line.live();
  e.after.changes = e.number;
  return e;
}

Event readRefused(const Line& line) {
  CommandRefused e;
  line("step", e.step)("command", e.name)("sentence", e.sentence)("remedy", e.remedy)("by", e.by);
  if (const auto command = commandFromJson(line.all())) e.command = *command;
  return e;
}

Event readTrouble(const Line& line) {
  Trouble e;
  line("kind", e.kind)("sentence", e.sentence)("remedy", e.remedy)("step", e.step)("tensor", e.tensor);
  const auto* samples = line.find("samples");
  if (samples == nullptr || !samples->is_array()) return e;
  for (const auto& sample : *samples) {
    if (sample.is_number_integer()) e.samples.push_back(sample.get<std::int64_t>());
  }
  return e;
}

Event readWentBack(const Line& line) {
  WentBack e;
  line("from", e.from)("to", e.to)("checkpoint", e.checkpoint);
  e.live = line.live();
  return e;
}

Event readWarning(const Line& line) {
  Warning e;
  line("sentence", e.sentence)("remedy", e.remedy);
  return e;
}

Event readFailed(const Line& line) {
  Failed e;
  line("kind", e.kind)("sentence", e.sentence)("remedy", e.remedy)("step", e.step);
  return e;
}

struct Kind {
  std::string_view name;
  Event (*read)(const Line&);
};
constexpr std::array kKinds{
    Kind{"state", readState},
    Kind{"run_opened", readOpened},
    Kind{"progress", readProgress},
    Kind{"checkpoint_saved", readSaved},
    Kind{"validation", readValidated},
    Kind{"command_applied", readApplied},
    Kind{"command_refused", readRefused},
    Kind{"trouble", readTrouble},
    Kind{"went_back", readWentBack},
    Kind{"warning", readWarning},
    Kind{"failed", readFailed},
};
static_assert(kKinds.size() == std::variant_size_v<Event>, "each alternative of Event is read back");

}  // namespace

json toJson(const Event& event) { return std::visit(Writer{}, event); }

std::optional<Event> eventFromJson(const json& source) {
  if (!source.is_object()) return std::nullopt;
  const auto name = source.find("event");
  if (name == source.end() || !name->is_string()) return std::nullopt;
  for (const auto& kind : kKinds) {
    if (kind.name == name->get_ref<const std::string&>()) return kind.read(Line(source));
  }
  return std::nullopt;
}

}  // namespace dw::messages
