// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "data/channel_statistics.h"
#include "data/latent_source.h"

namespace dw::data::writers {

struct ConvertSettings {
  std::string dtype{};     ///< f16 | f32 | empty: float16 stays float16, all else becomes float32
  std::int64_t chunk = 0;  ///< samples of a chunk in an HDF5 file; 0 = one contiguous block, which reads fastest
  bool overwrite = false;  ///< replace a file that is there
};

/// Writes a dataset into a file of another format, which the ending of `out` chooses: .h5 or .hdf5, .npz, .safetensors.
/// Labels, keys, names of classes and
/// context vectors go along. First all samples are scanned, then written to "OUT.part", which is
/// read back in part and renamed at the end: a file named `out` is whole. Returns false if progress (0..1) said to stop;
/// then, and if it fails, nothing is left behind. Memory: about 50 MB, or a sample with all its crops if that is more.
/// Throws Error Usage (unknown ending or dtype, a file that exists, chunks beyond 1 GiB), BadData (values that are not
/// finite, or too large for float16), DiskFull, Io.
bool convertDataset(const LatentSource& source, const std::filesystem::path& out, const ConvertSettings& settings,
                    const ScanProgress& progress = {});

}  // namespace dw::data::writers
