// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dw::training {

/// The GPU that training would use.
struct GpuFacts {
  std::string name;
  std::uint64_t totalBytes = 0;
  std::uint64_t freeBytes = 0;  ///< at this moment, whoever holds the rest
};

/// Empty if there is none, or it cannot be asked. Opens the CUDA part of LibTorch.
std::optional<GpuFacts> gpuFacts();

}  // namespace dw::training
