// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dw {

// The other side of ChildProcess: what a helper program needs that is spoken to through its standard input and output.

/// Writes all of it to standard output. False: nobody listens any more.
bool writeToParent(std::span<const std::byte> bytes);
/// Fills out from standard input. False: the parent closed it first.
bool readFromParent(std::span<std::byte> out);

/// A damaged file must not make this process eat the machine: allocations beyond so many bytes fail from now on. Without
/// effect under a sanitizer, which reserves far more address space than it uses.
void limitMemory(std::uint64_t bytes) noexcept;

/// The system ends this process after so many seconds from now; 0 takes that back.
void limitTime(unsigned seconds) noexcept;

}  // namespace dw
