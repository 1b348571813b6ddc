// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/hdf5_library.h"

#include <hdf5.h>

namespace dw::data {

std::unique_lock<std::mutex> lockHdf5() {
  static std::mutex mutex;
  std::unique_lock lock(mutex);
  // The error handler belongs to a thread in thread-safe builds, so it is set at each call; it costs nothing.
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  return lock;
}

}  // namespace dw::data
