// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "messages/messages.h"

namespace dw::messages {

/// An event as JSON: {"event":"checkpoint_saved","step":500,...}; the same words in log.jsonl and in `dwb train --json`.
nlohmann::json toJson(const Event& event);

/// What toJson wrote, in this version or an older one. Empty: of a kind that is not known here. A key that is missing or of another
/// type leaves its member as it is by default; these say more:
///   LiveState::changes -1: written before commands were counted;
///   CommandApplied::command, CommandRefused::command: Pause{} where the log does not say all of it; the name is there all the same.
/// Not written, and so not read: what a Trouble and a Failed offer as remedies, and how much can be undone.
std::optional<Event> eventFromJson(const nlohmann::json& json);

}  // namespace dw::messages
