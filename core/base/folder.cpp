// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <string>
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
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) all.push_back(at->path());
  if (error) throwErrno(folder, "look into the folder", error.value());
  return all;
}

/// NAME.tmp-NUMBER, as writeFileAtomically calls them.
bool isTemporary(const std::string& name) {
  const auto at = name.rfind(kTemporaryMark);
  if (at == std::string::npos || at == 0) return false;
  const auto digits = name.substr(at + kTemporaryMark.size());
  return !digits.empty() && std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
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
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return;
    throwErrno(path, "delete");
  }
  const bool folder = S_ISDIR(info.st_mode);
  if (folder) {
    for (const auto& entry : entriesOf(path)) removeTree(entry);
  }
  const int failed = onDisk(DiskAction::Remove, path, [&] { return folder ? ::rmdir(path.c_str()) : ::unlink(path.c_str()); });
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

}  // namespace dw
