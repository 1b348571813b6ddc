// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw {

/// Catches SIGINT (Ctrl-C), SIGTERM and, unless it is ignored (nohup), SIGHUP from now on: the first only raises a flag,
/// so that a run can save and end; a third one ends the process at once, for the impatient.
void catchStopSignals();

/// Number of stop signals so far. Async-signal-safe, any thread.
int stopSignalsSeen() noexcept;

}  // namespace dw
