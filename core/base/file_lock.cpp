// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/posix_error.h"

namespace dw {

FileLock::FileLock(const std::filesystem::path& path) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) throwErrno(path, "open the lock file");
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    std::array<char, 32> text{};
    const auto length = ::pread(fd_, text.data(), text.size() - 1, 0);
    ::close(fd_);
    if (code != EWOULDBLOCK) throwErrno(path, "lock", code);
    const std::string holder(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    const bool own = holder == std::to_string(::getpid());
    throw Error(ErrorKind::Busy, path.parent_path(),
                own ? "this run is being trained in this program already"
                    : "this run is being trained by another process" + (holder.empty() ? "" : " (number " + holder + ")"),
                "wait until it ends or stop it, or choose another run folder");
  }
  const auto self = std::to_string(::getpid());
  // The number is only for the other side's sentence: a failure to write it changes nothing.
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, self.data(), self.size(), 0) < 0) return;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

bool isLocked(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

}  // namespace dw
