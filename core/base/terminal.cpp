// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/terminal.h"

#include <unistd.h>

namespace dw {

bool errorOutputIsTerminal() noexcept { return ::isatty(STDERR_FILENO) != 0; }

bool outputIsTerminal() noexcept { return ::isatty(STDOUT_FILENO) != 0; }

}  // namespace dw
