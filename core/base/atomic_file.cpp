// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "base/posix_error.h"

namespace dw {
namespace {

void writeAll(int fd, const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto put = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throwErrno(path, "write");
    done += static_cast<std::size_t>(put);
  }
  if (::fsync(fd) != 0) throwErrno(path, "bring to the disk");
}

}  // namespace

void writeFileAtomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::path temporary = path;
  temporary += ".tmp-" + std::to_string(::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) throwErrno(path, "create");
  try {
    writeAll(fd, path, bytes);
  } catch (...) {
    ::close(fd);
    ::unlink(temporary.c_str());
    throw;
  }
  ::close(fd);
  try {
    renameDurably(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view text) {
  writeFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

void syncPath(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throwErrno(path, "open");
  const int failed = ::fsync(fd);
  const int code = errno;
  ::close(fd);
  // Some network and FUSE file systems cannot sync a folder and say EINVAL: then there is nothing more to be had from them.
  if (failed != 0 && code != EINVAL && code != ENOTSUP) throwErrno(path, "bring to the disk", code);
}

void renameDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throwErrno(to, "put the finished file in place");
  const auto parent = to.parent_path();
  syncPath(parent.empty() ? std::filesystem::path(".") : parent);
}

}  // namespace dw
