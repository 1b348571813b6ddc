// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw {

/// Puts the calling thread (and the threads it starts later) behind the rest of the system: training may use every core,
/// and the window still answers at once.
void lowerThreadPriority() noexcept;

/// Behind training too: for what may take its time, so that training does not feel it.
void lowestThreadPriority() noexcept;

}  // namespace dw
