// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <utility>

#include "run/messages.h"

namespace dw::run {

/// The one table of what may follow what. Everything else is a bug (tested for every pair in tst_state_table).
inline constexpr std::array kTransitions{
    std::pair{State::Idle, State::Preparing},      std::pair{State::Finished, State::Preparing},
    std::pair{State::Failed, State::Preparing},    std::pair{State::Preparing, State::Running},
    std::pair{State::Preparing, State::Stopping},  std::pair{State::Preparing, State::Failed},
    std::pair{State::Running, State::Paused},      std::pair{State::Running, State::Stopping},
    std::pair{State::Running, State::Failed},      std::pair{State::Paused, State::Running},
    std::pair{State::Paused, State::Stopping},     std::pair{State::Paused, State::Failed},
    std::pair{State::Stopping, State::Finished},   std::pair{State::Stopping, State::Failed},
};

constexpr bool mayFollow(State from, State to) noexcept {
  for (const auto& [a, b] : kTransitions) {
    if (a == from && b == to) return true;
  }
  return false;
}

}  // namespace dw::run
