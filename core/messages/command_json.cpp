// SPDX-License-Identifier: GPL-3.0-or-later
#include "messages/command_json.h"

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

std::optional<Command> liveCommandFromJson(const json& source) {
  const auto text = source.is_object() ? source.value("command", json()) : json();
  if (!text.is_string()) return std::nullopt;
  const auto name = text.get<std::string>();
  if (name == "undo") return Undo{};
  if (name == "redo") return Redo{};
  if (name == "halve_rate") return HalveRate{};
  if (name == "skip_batch") return SkipBatch{};
  const auto number = [&](const char* key) { return source.value(key, json()); };
  if (name == "reshape") {
    const auto peak = number("peak"), shape = number("shape");
    if (!peak.is_number() || !shape.is_object()) return std::nullopt;
    const auto kind = shape.value("kind", json());
    if (kind.is_string() && !config::fromKey<config::LrKind>(kind.get<std::string>())) return std::nullopt;  // of a newer version
    return Reshape{peak.get<double>(), config::lrCurveFromJson(shape, {})};
  }
  const auto field = config::liveFieldOf(name);
  const auto value = number("value");
  if (!field || !value.is_number()) return std::nullopt;
  return Change{*field, value.get<double>()};
}

}  // namespace dw::messages
