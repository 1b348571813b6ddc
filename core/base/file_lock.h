// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace dw {

/// Holds a file's lock for as long as it lives, so that two processes (or two runs of one process) never write one run
/// folder. The system lets go of it when the process dies, however it dies.
class FileLock {
 public:
  /// Throws Error Busy, naming the holder's process number where known, if somebody else has it.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_ = -1;
};

/// Whether some process holds the lock at the moment.
bool isLocked(const std::filesystem::path& path);

}  // namespace dw
