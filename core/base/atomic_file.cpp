// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "base/disk_hook.h"
#include "base/posix_error.h"

namespace dw {
namespace {

/// path: the name that the user knows, for the sentence.
void writeAll(int fd, const std::filesystem::path& temporary, const std::filesystem::path& path,
              std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto put =
        onDisk(DiskAction::Write, temporary, [&] { return ::write(fd, bytes.data() + done, bytes.size() - done); });
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throwErrno(path, "write");
    done += static_cast<std::size_t>(put);
  }
  if (onDisk(DiskAction::Sync, temporary, [&] { return ::fsync(fd); }) != 0) throwErrno(path, "bring to the disk");
}

void drop(const std::filesystem::path& temporary) noexcept {
  onDisk(DiskAction::Remove, temporary, [&] { return ::unlink(temporary.c_str()); });
}

}  // namespace

void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::path temporary = path;
  temporary += std::string(kTemporaryMark) + std::to_string(::getpid());
  const int fd = onDisk(DiskAction::Create, temporary,
                        [&] { return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); });
  if (fd < 0) throwErrno(path, "create");
  try {
    writeAll(fd, temporary, path, bytes);
  } catch (...) {
    ::close(fd);
    drop(temporary);
    throw;
  }
  ::close(fd);
  try {
    renameDurably(temporary, path);
  } catch (...) {
    drop(temporary);
    throw;
  }
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view text) {
  writeFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

void syncPath(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throwErrno(path, "open");
  const int failed = onDisk(DiskAction::Sync, path, [&] { return ::fsync(fd); });
  const int code = errno;
  ::close(fd);
  // Some network and FUSE file systems cannot sync a folder and say EINVAL: then there is nothing more to be had from them.
  if (failed != 0 && code != EINVAL && code != ENOTSUP) throwErrno(path, "bring to the disk", code);
}

void renameDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  const int failed = onDisk(DiskAction::Rename, from, to, [&] { return ::rename(from.c_str(), to.c_str()); });
  if (failed != 0) throwErrno(to, "put the finished file in place");
  const auto parent = to.parent_path();
  syncPath(parent.empty() ? std::filesystem::path(".") : parent);
}

}  // namespace dw
