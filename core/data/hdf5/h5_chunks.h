// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "data/array_source.h"
#include "data/hdf5/h5_reader.h"

namespace dw::data::hdf5 {

/// One dataset of an opened HDF5 file. It has a floating type and passed refuseUnreadable.
struct H5Array {
  std::shared_ptr<const ReadFile> file;
  std::shared_ptr<H5Reader> reader;
  std::size_t index = 0;

  const H5Dataset& facts() const { return reader->datasets()[index]; }
};

/// Numbers that do not lie in one piece. Chunks without filters are read by us where the helper says that they lie; it is
/// asked once for each chunk, when that is first wanted. Packed ones, and such that were never written, the helper reads.
/// info: filled in, shape and axes too.
std::shared_ptr<const LatentSource> openChunks(SourceInfo info, SideData side, H5Array array);

}  // namespace dw::data::hdf5
