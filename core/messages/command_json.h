// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "messages/messages.h"

namespace dw::messages {

/// {"command":"learning_rate","value":0.0003}; numbers read back to the same bits.
nlohmann::json toJson(const Command& command);

/// A command that changes live settings, as toJson wrote it; empty for any other, and where something is missing.
std::optional<Command> liveCommandFromJson(const nlohmann::json& json);

}  // namespace dw::messages
