// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw::training {

/// LibTorch's operations that the calling thread starts from now on run in this thread alone, while other threads keep
/// theirs: at::set_num_threads would take them from the trainer too. CPU only.
void computeInThisThreadOnly();

/// The same with that many threads, at least 1.
void computeWithOwnThreads(int threads);

}  // namespace dw::training
