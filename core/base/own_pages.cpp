// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/own_pages.h"

#include <sys/mman.h>

#include <new>

namespace dw {

OwnPages::OwnPages(std::size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  first_ = static_cast<std::byte*>(pages);
}

OwnPages::~OwnPages() {
  if (first_ != nullptr) ::munmap(first_, size_);
}

}  // namespace dw
