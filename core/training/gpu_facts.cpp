// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/gpu_facts.h"

#include <array>

#include "base/dynamic_library.h"
#include "training/device.h"

namespace dw::training {
namespace {

// Of the CUDA runtime that LibTorch brings; the program is not linked with it.
using MemGetInfo = int (*)(std::size_t* free, std::size_t* total);
using GetProperties = int (*)(void* properties, int device);

/// The struct begins with the name, char[256], in every version of CUDA; it has about 1 KiB in all.
constexpr std::size_t kMoreThanProperties = 16384;
constexpr std::size_t kNameLength = 256;

std::string nameOfGpu() {
  for (const char* function : {"cudaGetDeviceProperties_v2", "cudaGetDeviceProperties"}) {
    const auto get = reinterpret_cast<GetProperties>(findFunction(function));
    std::array<char, kMoreThanProperties> properties{};
    if (get == nullptr || get(properties.data(), 0) != 0) continue;
    properties[kNameLength - 1] = '\0';
    return properties.data();
  }
  return "unknown";
}

}  // namespace

std::optional<GpuFacts> gpuFacts() {
  if (!whyNoCuda().empty()) return std::nullopt;
  const auto memory = reinterpret_cast<MemGetInfo>(findFunction("cudaMemGetInfo"));
  std::size_t free = 0, total = 0;
  if (memory == nullptr || memory(&free, &total) != 0) return std::nullopt;
  return GpuFacts{.name = nameOfGpu(), .totalBytes = total, .freeBytes = free};
}

}  // namespace dw::training
