// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <utility>

#include "base/atomic_file.h"
#include "base/disk_hook.h"
#include "base/error.h"
#include "base/posix_error.h"
#include "base/text_format.h"

namespace dw {
namespace {

constexpr std::chrono::nanoseconds kLookEvery = std::chrono::seconds(1);

std::int64_t nanoseconds(const struct stat& info) {
  return std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

}  // namespace

ReadFile::ReadFile(const std::filesystem::path& path) : path_(path) {
  // O_NONBLOCK: opening a named pipe must not wait for a writer; it changes nothing for regular files.
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) throwErrno(path, "open the file");
  struct stat info {};
  const bool known = ::fstat(fd_, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    ::close(std::exchange(fd_, -1));
    if (known && S_ISDIR(info.st_mode)) {
      throw Error(ErrorKind::BadData, path, "this is a folder, not a file", "choose a file inside it");
    }
    throw Error(ErrorKind::BadData, path, "this is not a regular file", "choose a file that is stored on a disk");
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
  openedNs_ = nanoseconds(info);
}

ReadFile::~ReadFile() {
  if (fd_ >= 0) ::close(fd_);
}

ReadFile::ReadFile(ReadFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      openedNs_(other.openedNs_) {}

ReadFile& ReadFile::operator=(ReadFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  std::swap(openedNs_, other.openedNs_);
  return *this;
}

std::size_t ReadFile::readSome(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) return 0;
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throwErrno(path_, "read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void ReadFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  const auto got = readSome(offset, out);
  if (got < out.size()) {
    throw Error(ErrorKind::BadData, path_,
                "the file ends here, but " + countText(out.size() - got, "more byte", "more bytes") + " should follow",
                "it may be cut off or still being copied: fetch it again", offset + got);
  }
}

std::int64_t ReadFile::modifiedNs() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) throwErrno(path_, "read the file's date");
  return nanoseconds(info);
}

void ReadFile::requireUnchanged() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  if (now < lookAgain_.load(std::memory_order_relaxed)) return;
  struct stat info {};
  if (::fstat(fd_, &info) != 0) throwErrno(path_, "ask for the file's size");
  if (static_cast<std::uint64_t>(info.st_size) != size_ || nanoseconds(info) != openedNs_) {
    throw Error(ErrorKind::BadData, path_,
                "the file was written to while it was open, so its samples are no longer those that were checked",
                "open the dataset again when nothing writes to it any more");
  }
  lookAgain_.store(now + kLookEvery.count(), std::memory_order_relaxed);
}

void ReadFile::prepareToRead(std::uint64_t offset, std::uint64_t count) const noexcept {
  ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(count), POSIX_FADV_WILLNEED);
}

AppendFile::AppendFile(const std::filesystem::path& path, std::uint64_t truncateTo) : path_(path) {
  fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_APPEND);
  if (fd_ < 0 && errno != ENOENT) throwErrno(path, "open for writing");
  try {
    if (fd_ < 0) create();
    struct stat info {};
    if (::fstat(fd_, &info) == 0) size_ = static_cast<std::uint64_t>(info.st_size);
    if (truncateTo >= size_) return;
    size_ = truncateTo;
    cutBack();
  } catch (...) {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    throw;
  }
}

void AppendFile::create() {
  fd_ = onDisk(DiskAction::Create, path_,
               [&] { return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0644); });
  if (fd_ < 0) throwErrno(path_, "create");
  const auto parent = path_.parent_path();
  syncPath(parent.empty() ? std::filesystem::path(".") : parent);
}

void AppendFile::cutBack() {
  torn_ = true;
  const int failed = onDisk(DiskAction::Truncate, path_, [&] { return ::ftruncate(fd_, static_cast<off_t>(size_)); });
  if (failed != 0) throwErrno(path_, "cut off a torn end");
  torn_ = false;
}

AppendFile::~AppendFile() {
  if (fd_ >= 0) ::close(fd_);
}

void AppendFile::append(std::span<const std::byte> bytes) {
  if (torn_) cutBack();
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto put =
        onDisk(DiskAction::Write, path_, [&] { return ::write(fd_, bytes.data() + done, bytes.size() - done); });
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const int code = errno;
      if (done > 0) cutBack();
      throwErrno(path_, "append", code);
    }
    done += static_cast<std::size_t>(put);
  }
  size_ += bytes.size();
  unsynced_ = true;
}

void AppendFile::append(const std::string& text) { append(std::as_bytes(std::span(text.data(), text.size()))); }

void AppendFile::sync() {
  if (!unsynced_.exchange(false)) return;
  if (onDisk(DiskAction::Sync, path_, [&] { return ::fdatasync(fd_); }) == 0) return;
  const int code = errno;
  unsynced_ = true;
  throwErrno(path_, "bring to the disk", code);
}

std::vector<std::byte> headOf(const ReadFile& file, std::size_t count) {
  std::vector<std::byte> head(count);
  head.resize(file.readSome(0, head));
  return head;
}

std::string readTextFile(const std::filesystem::path& path, std::uint64_t limit) {
  const ReadFile file(path);
  if (file.size() > limit) {
    throw Error(ErrorKind::BadData, path,
                "the file has " + countText(file.size(), "byte") + ", more than the " + std::to_string(limit) +
                    " that such a file can have");
  }
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return text;
}

std::uint64_t freeDiskSpace(const std::filesystem::path& path) {
  auto place = std::filesystem::absolute(path);
  std::error_code ignored;
  while (!std::filesystem::exists(place, ignored) && place.has_relative_path()) place = place.parent_path();
  struct statvfs info {};
  if (::statvfs(place.c_str(), &info) != 0) throwErrno(place, "ask for the free space of the disk");
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

void dropFromMemory(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throwErrno(path, "open the file");
  ::fsync(fd);  // pages that still wait to be written are not dropped
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

}  // namespace dw
