// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/own_threads.h"

#include <torch/torch.h>

#include "base/dynamic_library.h"

namespace dw::training {

void computeInThisThreadOnly() { computeWithOwnThreads(1); }

void computeWithOwnThreads(int threads) {
  // The first parallel loop in a thread sets the number for it. LibTorch's own loops remember that apart from those that the
  // header compiles into this program, so both are had now: later they would undo what is set below, in the middle of a loop.
  at::get_num_threads();
  at::internal::lazy_init_num_threads();
  // OpenMP keeps the number per thread; ATen's loops and oneDNN ask it. MKL keeps its own, with a setter for one thread.
  // Found at run time: a LibTorch may be built without either.
  using SetOpenMp = void (*)(int);
  using SetMkl = int (*)(int);
  if (auto set = reinterpret_cast<SetOpenMp>(findFunction("omp_set_num_threads"))) set(threads);
  if (auto set = reinterpret_cast<SetMkl>(findFunction("MKL_Set_Num_Threads_Local"))) set(threads);
}

ThreadScope::ThreadScope(int threads) : before_(threads > 0 ? at::get_num_threads() : 0) {
  if (threads > 0) computeWithOwnThreads(threads);
}

ThreadScope::~ThreadScope() {
  if (before_ > 0) computeWithOwnThreads(before_);
}

}  // namespace dw::training
