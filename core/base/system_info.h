// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace dw {

/// Memory of the machine in bytes: all of it, and what a new program could still get.
struct MemoryInfo {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
};
MemoryInfo systemMemory();

/// Memory in RAM that this process uses, in bytes.
std::uint64_t residentMemory();

/// Model name of the processor, empty if unknown.
std::string processorName();

}  // namespace dw
