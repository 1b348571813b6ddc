// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace dw::test {

/// Lets this process's files grow only so far (EFBIG beyond, instead of the signal), as a stand-in for a disk that refuses.
/// Lifted again when it ends.
class FileSizeLimit {
 public:
  FileSizeLimit() { std::signal(SIGXFSZ, SIG_IGN); }
  ~FileSizeLimit() { set(RLIM_INFINITY); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  static void set(rlim_t bytes) {
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
};

}  // namespace dw::test
