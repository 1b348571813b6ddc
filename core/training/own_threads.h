// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw::training {

/// LibTorch's operations that the calling thread starts from now on run in this thread alone, while other threads keep
/// theirs: at::set_num_threads would take them from the trainer too. CPU only.
void computeInThisThreadOnly();

/// The same with that many threads, at least 1.
void computeWithOwnThreads(int threads);

/// computeWithOwnThreads, and as before when it ends. 0 changes nothing.
class ThreadScope {
 public:
  explicit ThreadScope(int threads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;  ///< 0: nothing to bring back
};

}  // namespace dw::training
