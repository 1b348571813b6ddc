// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <utility>

#include "messages/messages.h"

namespace dw::trainer {

/// The one table of what may follow what. Everything else is a bug (tested for every pair in tst_state_machine).
inline constexpr std::array kTransitions{
    std::pair{messages::State::Idle, messages::State::Preparing},
    std::pair{messages::State::Finished, messages::State::Preparing},
    std::pair{messages::State::Failed, messages::State::Preparing},
    std::pair{messages::State::Preparing, messages::State::Running},
    std::pair{messages::State::Preparing, messages::State::Stopping},
    std::pair{messages::State::Preparing, messages::State::Failed},
    std::pair{messages::State::Running, messages::State::Paused},
    std::pair{messages::State::Running, messages::State::Stopping},
    std::pair{messages::State::Running, messages::State::Failed},
    std::pair{messages::State::Paused, messages::State::Running},
    std::pair{messages::State::Paused, messages::State::Stopping},
    std::pair{messages::State::Paused, messages::State::Failed},
    std::pair{messages::State::Stopping, messages::State::Finished},
    std::pair{messages::State::Stopping, messages::State::Failed},
};

constexpr bool mayFollow(messages::State from, messages::State to) noexcept {
  for (const auto& [a, b] : kTransitions) {
    if (a == from && b == to) return true;
  }
  return false;
}

}  // namespace dw::trainer
