// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/thread_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace dw {

namespace {

/// On Linux a niceness belongs to a thread. It may fail only where somebody forbade it: then nothing is lost but smoothness.
void setNiceness(int niceness) noexcept {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), niceness);
}

}  // namespace

void lowerThreadPriority() noexcept { setNiceness(5); }

void lowestThreadPriority() noexcept { setNiceness(19); }

}  // namespace dw
