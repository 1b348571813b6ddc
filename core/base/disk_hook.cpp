// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/disk_hook.h"

#include <atomic>

namespace dw {
namespace {

std::atomic<DiskHook*> theHook{nullptr};

}  // namespace

void setDiskHook(DiskHook* hook) noexcept { theHook.store(hook, std::memory_order_release); }
DiskHook* diskHook() noexcept { return theHook.load(std::memory_order_acquire); }

}  // namespace dw
