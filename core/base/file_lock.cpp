// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/posix_error.h"

namespace dw {
namespace {

constexpr std::chrono::milliseconds kTrainerLeaves{100};
constexpr std::chrono::seconds kReadersLeave{20};

/// Changes at each start of the system and is shared by all containers on it: exactly as far as flock() reaches.
const std::string& bootId() {
  static const std::string known = [] {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    return id;
  }();
  return known;
}

std::string hostName() {
  std::array<char, 256> name{};
  const bool known = ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
  return known ? name.data() : "localhost";
}

std::string holderLine(int fd) {
  std::array<char, 512> text{};
  const auto length = ::pread(fd, text.data(), text.size(), 0);
  return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

LockFacts holderOf(int fd) {
  LockFacts facts;
  std::istringstream line(holderLine(fd));
  std::string boot;
  if (!(line >> facts.process)) return {};
  // A line without host and boot is an earlier version's: its locks were local.
  facts.ofThisBoot = !(line >> facts.host >> boot) || boot == bootId();
  return facts;
}

/// Readers hold the lock shared for a moment; on a machine with more to do than cores one may lose its core just then, and
/// hold it for long. They are waited for. A trainer holds it alone: it is given only the time that a killed process needs to
/// go.
bool lockPatiently(int fd) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    const bool onlyReaders = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
    if (onlyReaders) ::flock(fd, LOCK_UN);
    if (Clock::now() - begin >= (onlyReaders ? kReadersLeave : kTrainerLeaves)) {
      errno = EWOULDBLOCK;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) throwErrno(path, "open the lock file");
  if (!lockPatiently(fd_)) {
    const int code = errno;
    const auto holder = holderOf(fd_);
    ::close(fd_);
    if (code != EWOULDBLOCK) throwErrno(path, "lock", code);
    const bool own = holder.process == ::getpid() && holder.ofThisBoot;
    const auto number = holder.process == 0 ? "" : " (number " + std::to_string(holder.process) + ")";
    throw Error(ErrorKind::Busy, path.parent_path(),
                own ? "this run is being trained in this program already"
                    : "this run is being trained by another process" + number,
                "wait until it ends or stop it, or choose another run folder");
  }
  const auto self = std::to_string(::getpid()) + " " + hostName() + " " + bootId() + "\n";
  // The line is only for others to read: a failure to write it changes nothing.
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, self.data(), self.size(), 0) < 0) return;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

LockFacts lookAtLock(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {};
  auto facts = holderOf(fd);
  // Shared, so that two readers who look at the same time do not take each other for a trainer.
  facts.held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  facts.ofThisProcess = facts.held && facts.ofThisBoot && facts.process == ::getpid();
  ::close(fd);
  return facts;
}

bool isLocked(const std::filesystem::path& path) { return lookAtLock(path).held; }

bool touchFile(const std::filesystem::path& path) noexcept {
  return ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0;
}

}  // namespace dw
