// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cerrno>
#include <filesystem>

namespace dw {

/// The calls by which base changes a disk.
enum class DiskAction { Create, Write, Truncate, Sync, Rename, MakeFolder, Remove };

/// Watches every change that the file functions of base make, and may refuse it: so tests let each single call fail, cut
/// the power, or tell in which call a process was killed. May be called from several threads at once.
class DiskHook {
 public:
  virtual ~DiskHook() = default;
  /// Just before the call. to: the new name of a Rename. Returns the errno with which it fails instead, 0 to let it happen.
  virtual int before(DiskAction action, const std::filesystem::path& path, const std::filesystem::path& to) = 0;
  /// Just after a call that went well.
  virtual void after(DiskAction action, const std::filesystem::path& path, const std::filesystem::path& to) = 0;
};

/// nullptr, as it always is outside tests: none. The hook stays the caller's.
void setDiskHook(DiskHook* hook) noexcept;
DiskHook* diskHook() noexcept;

/// Makes one call that returns a negative number and sets errno when it fails, under the eyes of the hook.
template <typename Call>
auto onDisk(DiskAction action, const std::filesystem::path& path, const std::filesystem::path& to, Call call)
    -> decltype(call()) {
  auto* const hook = diskHook();
  if (hook != nullptr) {
    if (const int refused = hook->before(action, path, to); refused != 0) {
      errno = refused;
      return -1;
    }
  }
  const auto result = call();
  if (hook != nullptr && result >= 0) hook->after(action, path, to);
  return result;
}

template <typename Call>
auto onDisk(DiskAction action, const std::filesystem::path& path, Call call) -> decltype(call()) {
  return onDisk(action, path, {}, std::move(call));
}

}  // namespace dw
