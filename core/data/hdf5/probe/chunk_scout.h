// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>

#include "data/hdf5/h5_protocol.h"

namespace dw::h5probe {

/// File access properties for H5Fopen under which chunkPlace works. Throws std::runtime_error.
hid_t scoutingAccess(const char* path);

/// Where a chunk lies in the file; nothing if it was never written or cannot be found. index: row-major in the grid of
/// chunks. H5Dget_chunk_info_by_coord answers the same question by walking over all chunks of the file (HDF5 1.10), so
/// asking for each would take hours; here the library looks the chunk up in order to read it, and the driver only notes
/// the place.
std::optional<data::hdf5::H5Place> chunkPlace(hid_t dataset, std::int64_t index);

}  // namespace dw::h5probe
