// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

namespace dw::data {

/// How a dataset is to be opened. Everything empty: what the file itself suggests.
struct OpenOptions {
  /// which one inside the file, empty = the only fitting one; for pictures their side in pixels
  std::string dataset{};
  std::string axes{};  ///< what each axis of the file is, e.g. "BHWC" (axis_roles.h); empty = guessed from its shape
  /// packed HDF5 chunks are unpacked before (unpack_cache.h): slow once, then read as fast as others
  bool unpack = false;
  /// Told while packed data is unpacked, which is done once (unpack_cache.h). Returning false gives up: Error Cancelled.
  std::function<bool(const std::string& activity, double fraction)> progress{};
};

}  // namespace dw::data
