// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/error.h"

namespace dw {

/// Throws the Error that fits errno: what could not be done with path, why, and the remedy.
[[noreturn]] inline void throwErrno(const std::filesystem::path& path, const std::string& action, int code = errno) {
  if (code == ENOSPC || code == EDQUOT) {
    throw Error(ErrorKind::DiskFull, path, "could not " + action + ": the disk is full",
                "free some space on that disk or choose another folder, then go on");
  }
  const char* remedy = "";
  if (code == EACCES || code == EPERM) remedy = "give yourself the right to it, or choose another place";
  if (code == ENOENT) remedy = "check the name; the file may have been moved or deleted";
  if (code == EROFS) remedy = "the disk is read-only: choose another folder";
  if (code == EMFILE || code == ENFILE) remedy = "close other files or programs";
  throw Error(ErrorKind::Io, path, "could not " + action + ": " + std::strerror(code), remedy);
}

}  // namespace dw
