// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/malloc_tuning.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace dw {

void keepFreedMemory() noexcept {
#ifdef __GLIBC__
  // One arena: the others are made of 64 MiB pieces, in which large activations do not fit and are mapped after all.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace dw
