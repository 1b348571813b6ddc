// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/DeviceType.h>

#include <cstdint>
#include <memory>

namespace dw::training {

/// Counts the bytes of the tensors that this thread makes on one kind of device, and frees, while the meter lives. Exact, whatever the process did
/// before: the memory of the process as a whole tells nothing where freed pages are kept for later. Meters of one thread
/// end in the reverse order of their beginnings.
class MemoryMeter {
 public:
  explicit MemoryMeter(at::DeviceType device);
  ~MemoryMeter();
  MemoryMeter(const MemoryMeter&) = delete;
  MemoryMeter& operator=(const MemoryMeter&) = delete;

  std::uint64_t current() const noexcept;
  /// Most that was in use at once.
  std::uint64_t peak() const noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace dw::training
