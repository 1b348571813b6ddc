// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace dw {
namespace {

/// A pipe or socket whose other end is closed.
bool nobodyReads() {
  pollfd state{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

void outliveClosedPipes() { std::signal(SIGPIPE, SIG_IGN); }

std::optional<std::string> finishStandardOutput() {
  const bool lostBefore = std::ferror(stdout) != 0;
  errno = 0;
  const bool lostNow = std::fflush(stdout) != 0;
  const int why = errno;
  if ((!lostBefore && !lostNow) || why == EPIPE || nobodyReads()) return std::nullopt;
  return lostNow && why != 0 ? std::strerror(why) : "writing failed; is the disk full?";
}

}  // namespace dw
