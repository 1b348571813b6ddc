// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/disk_hook.h"
#include "base/posix_error.h"

namespace dw {
namespace {

namespace fs = std::filesystem;

/// Entries of a folder, taken before anything in it is deleted.
std::vector<fs::path> entriesOf(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    all.push_back(at->path());
  if (error) throwErrno(folder, "look into the folder", error.value());
  return all;
}

/// NAME.tmp-NUMBER, as writeFileAtomically calls them.
bool isTemporary(const std::string& name) {
  const auto at = name.rfind(kTemporaryMark);
  if (at == std::string::npos || at == 0) return false;
  const auto digits = name.substr(at + kTemporaryMark.size());
  return !digits.empty() &&
         std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// By names within open folders: a list of many runs looks at thousands of files, and their paths cost more than the looking.
/// What cannot be read, or disappears meanwhile because a trainer prunes, counts as nothing; links are not followed.
std::uint64_t bytesBelow(int parent, const char* name, int flags) {
  const int opened = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
  if (opened < 0) return 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(opened), ::closedir);
  if (!folder) {
    ::close(opened);
    return 0;
  }
  std::uint64_t bytes = 0;
  while (const auto* entry = ::readdir(folder.get())) {
    const std::string_view own(entry->d_name);
    if (own == "." || own == "..") continue;
    struct stat facts {};
    if (entry->d_type == DT_DIR) {
      bytes += bytesBelow(opened, entry->d_name, O_NOFOLLOW);
    } else if (::fstatat(opened, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0) {
      if (S_ISREG(facts.st_mode)) bytes += static_cast<std::uint64_t>(facts.st_size);
      // not every disk tells the kind before
      else if (S_ISDIR(facts.st_mode))
        bytes += bytesBelow(opened, entry->d_name, O_NOFOLLOW);
    }
  }
  return bytes;
}

}  // namespace

bool makeFolders(const fs::path& path) {
  std::error_code absent;
  if (fs::is_directory(path, absent)) return false;
  const auto parent = path.parent_path();
  if (!parent.empty() && parent != path) makeFolders(parent);
  if (!path.has_filename()) return true;  // "runs/new/": the parent was it
  if (onDisk(DiskAction::MakeFolder, path, [&] { return ::mkdir(path.c_str(), 0755); }) != 0) {
    const int code = errno;
    if (code == EEXIST && fs::is_directory(path, absent)) return false;  // another process was faster
    throwErrno(path, "make the folder", code);
  }
  syncPath(parent.empty() ? fs::path(".") : parent);
  return true;
}

void removeTree(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return;
    throwErrno(path, "delete");
  }
  const bool folder = S_ISDIR(info.st_mode);
  if (folder) {
    for (const auto& entry : entriesOf(path)) removeTree(entry);
  }
  const int failed =
      onDisk(DiskAction::Remove, path, [&] { return folder ? ::rmdir(path.c_str()) : ::unlink(path.c_str()); });
  if (failed != 0 && errno != ENOENT) throwErrno(path, "delete");
}

void removeTemporaries(const fs::path& folder) noexcept {
  try {
    for (const auto& entry : entriesOf(folder)) {
      if (isTemporary(entry.filename().string())) removeTree(entry);
    }
  } catch (const std::exception&) {  // it costs space only
    return;
  }
}

std::uint64_t bytesOfFiles(const fs::path& folder) { return bytesBelow(AT_FDCWD, folder.c_str(), 0); }

}  // namespace dw
