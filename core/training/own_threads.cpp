// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/own_threads.h"

#include <torch/torch.h>

#include "base/dynamic_library.h"

namespace dw::training {

void computeInThisThreadOnly() { computeWithOwnThreads(1); }

void computeWithOwnThreads(int threads) {
  at::get_num_threads();  // the first call in a thread sets it up; done now, it undoes nothing below
  // OpenMP keeps the number per thread; ATen's loops and oneDNN ask it. MKL keeps its own, with a setter for one thread.
  // Found at run time: a LibTorch may be built without either.
  using SetOpenMp = void (*)(int);
  using SetMkl = int (*)(int);
  if (auto set = reinterpret_cast<SetOpenMp>(findFunction("omp_set_num_threads"))) set(threads);
  if (auto set = reinterpret_cast<SetMkl>(findFunction("MKL_Set_Num_Threads_Local"))) set(threads);
}

}  // namespace dw::training
