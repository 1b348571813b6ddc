// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace dw {

/// From now on a pipe that nobody reads any more (`dwb train | head`, or a `tee` that Ctrl-C ended) makes writing fail instead of
/// ending the program: what is printed goes nowhere, the work goes on. Helper programs begin with the usual way again
/// (base/child_process.h).
void outliveClosedPipes();

/// Brings to standard output what is still held back. Not empty: something that was printed did not get there although somebody may
/// want it, and why (a full disk). Empty also where nobody reads any more.
std::optional<std::string> finishStandardOutput();

}  // namespace dw
