// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw {

/// Puts the calling thread (and the threads it starts later) behind the rest of the system: training may use every core,
/// and the window still answers at once.
void lowerThreadPriority() noexcept;

}  // namespace dw
