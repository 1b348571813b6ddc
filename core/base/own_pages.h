// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace dw {

/// A large piece of memory, all zeros, straight from the system, which has it back at once when this ends: what comes from
/// new stays with the program (base/malloc_tuning.h). Throws std::bad_alloc.
class OwnPages {
 public:
  explicit OwnPages(std::size_t bytes);
  ~OwnPages();
  OwnPages(const OwnPages&) = delete;
  OwnPages& operator=(const OwnPages&) = delete;

  std::span<std::byte> bytes() { return {first_, size_}; }
  std::span<const std::byte> bytes() const { return {first_, size_}; }

 private:
  std::byte* first_ = nullptr;
  std::size_t size_;
};

}  // namespace dw
