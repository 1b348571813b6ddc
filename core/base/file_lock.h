// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace dw {

/// Holds a file's lock for as long as it lives, so that two processes (or two runs of one process) never write one run
/// folder. The system lets go of it when the process dies, however it dies. The file names its holder: process number,
/// host and boot ("1234 gpu-box 5e0c..."), and keeps that line when the lock is gone.
class FileLock {
 public:
  /// Throws Error Busy, naming the holder's process number where known, if somebody else has it. Waits a moment first:
  /// readers who look at the lock hold it for microseconds.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_ = -1;
};

/// What a reader can tell of a lock.
struct LockFacts {
  bool held = false;  ///< some process that the lock reaches holds it now
  bool ofThisProcess = false;
  bool ofThisBoot = false;  ///< the last holder was a process of this running system: then `held` is the whole truth
  int process = 0;          ///< of the last holder; 0 = unknown
  std::string host;         ///< of the last holder; empty = unknown
};

/// Looks without writing: works on a read-only folder and never keeps a writer out. An absent file is a free lock.
LockFacts lookAtLock(const std::filesystem::path& path);

/// Whether some process holds the lock at the moment.
bool isLocked(const std::filesystem::path& path);

/// Sets a file's date to now by the clock of the disk that holds it; says whether that worked.
bool touchFile(const std::filesystem::path& path) noexcept;

}  // namespace dw
