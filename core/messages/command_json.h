// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "messages/messages.h"

namespace dw::messages {

/// {"command":"learning_rate","value":0.0003}; numbers read back to the same bits.
nlohmann::json toJson(const Command& command);

/// A command as toJson wrote it; empty for one that is not known, and where something is missing.
std::optional<Command> commandFromJson(const nlohmann::json& json);
/// The same of a command that changes live settings; empty for any other.
std::optional<Command> liveCommandFromJson(const nlohmann::json& json);

}  // namespace dw::messages
