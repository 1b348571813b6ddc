// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw {

/// Makes the C library keep freed memory for the next step. By default glibc maps every block above 128 KiB to 32 MiB
/// anew and gives it back at once, so a training step pays for zeroing and mapping the same pages again and again.
/// Call once, at the start of the program, before any other thread exists. Does nothing where glibc is not in use.
void keepFreedMemory() noexcept;

}  // namespace dw
