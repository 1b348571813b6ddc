// SPDX-License-Identifier: GPL-3.0-or-later
#include "messages/command_json.h"

#include <limits>
#include <string>

#include "config/choices.h"
#include "config/live_json.h"

namespace dw::messages {

using nlohmann::json;

json toJson(const Command& command) {
  json out{{"command", commandName(command)}};
  if (const auto* change = std::get_if<Change>(&command)) out["value"] = change->value;
  if (const auto* reshape = std::get_if<Reshape>(&command)) {
    out["peak"] = reshape->peak;
    out["shape"] = config::toJson(reshape->shape);
  }
  if (const auto* back = std::get_if<GoBack>(&command)) out["to"] = back->step;
  return out;
}

namespace {

std::optional<std::string> nameIn(const json& source) {
  const auto text = source.is_object() ? source.value("command", json()) : json();
  return text.is_string() ? std::optional(text.get<std::string>()) : std::nullopt;
}

/// NaN and infinity are written as null: of a command that was refused for it.
std::optional<double> numberIn(const json& source, const char* key) {
  const auto found = source.find(key);
  if (found == source.end()) return std::nullopt;
  if (found->is_null()) return std::numeric_limits<double>::quiet_NaN();
  return found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

}  // namespace

std::optional<Command> commandFromJson(const json& source) {
  const auto name = nameIn(source);
  if (!name) return std::nullopt;
  for (const Command& command : {Command(Pause{}), Command(Resume{}), Command(Stop{}), Command(SaveCheckpoint{}),
                                 Command(StepOnce{}), Command(CopyWeights{})}) {
    if (*name == commandName(command)) return command;
  }
  if (*name != commandName(GoBack{})) return liveCommandFromJson(source);
  const auto to = source.value("to", json());
  return to.is_number_integer() ? std::optional<Command>(GoBack{to.get<std::int64_t>()}) : std::nullopt;
}

std::optional<Command> liveCommandFromJson(const json& source) {
  const auto named = nameIn(source);
  if (!named) return std::nullopt;
  const auto& name = *named;
  if (name == "undo") return Undo{};
  if (name == "redo") return Redo{};
  if (name == "halve_rate") return HalveRate{};
  if (name == "skip_batch") return SkipBatch{};
  if (name == "reshape") {
    const auto peak = numberIn(source, "peak");
    const auto shape = source.value("shape", json());
    if (!peak || !shape.is_object()) return std::nullopt;
    const auto kind = shape.value("kind", json());
    // of a newer version
    if (kind.is_string() && !config::fromKey<config::LrKind>(kind.get<std::string>())) return std::nullopt;
    return Reshape{*peak, config::lrCurveFromJson(shape, {})};
  }
  const auto field = config::liveFieldOf(name);
  const auto value = numberIn(source, "value");
  if (!field || !value) return std::nullopt;
  return Change{*field, *value};
}

}  // namespace dw::messages
