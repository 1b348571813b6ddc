// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/dynamic_library.h"

#include <dlfcn.h>

namespace dw {

LibraryResult openLibrary(const std::filesystem::path& path) {
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return {.opened = true, .reason = {}};
  const char* reason = dlerror();
  return {.opened = false, .reason = reason == nullptr ? "unknown reason" : reason};
}

void* findFunction(const char* name) noexcept { return dlsym(RTLD_DEFAULT, name); }

std::filesystem::path libraryOf(const void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
  return info.dli_fname;
}

}  // namespace dw
