// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw {

/// Whether error output goes to a terminal, where a line can be drawn over again.
bool errorOutputIsTerminal() noexcept;

/// Whether standard output goes to a terminal: a person reads it, not a program.
bool outputIsTerminal() noexcept;

}  // namespace dw
