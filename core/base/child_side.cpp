// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/child_side.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace dw {

bool writeToParent(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

bool readFromParent(std::span<std::byte> out) {
  while (!out.empty()) {
    const auto got = ::read(STDIN_FILENO, out.data(), out.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

void limitMemory([[maybe_unused]] std::uint64_t bytes) noexcept {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

void limitTime(unsigned seconds) noexcept { ::alarm(seconds); }

}  // namespace dw
