// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

namespace dw {

/// The HDF5 library is not safe for threads: whoever calls it inside this process (to write files of our own; those of
/// others are opened by dwb-h5probe only) holds this lock meanwhile.
inline std::unique_lock<std::mutex> lockHdf5() {
  static std::mutex mutex;
  return std::unique_lock(mutex);
}

}  // namespace dw
