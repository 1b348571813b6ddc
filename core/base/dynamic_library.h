// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace dw {

/// A shared library opened while the program runs, with its symbols visible to all. It is never closed: libraries that
/// register themselves (as CUDA backends do) cannot be taken out again.
struct LibraryResult {
  bool opened = false;
  std::string reason;  ///< why not, in the system's words
};

LibraryResult openLibrary(const std::filesystem::path& path);

/// Address of a function in any library that is loaded already; null if there is none of that name.
void* findFunction(const char* name) noexcept;

/// File of the loaded library or program that holds this address; empty if unknown.
std::filesystem::path libraryOf(const void* address);

}  // namespace dw
