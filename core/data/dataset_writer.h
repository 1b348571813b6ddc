// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace dw::data {

/// What is to be written. The spans stay the caller's until finish() has returned.
struct DatasetToWrite {
  std::filesystem::path path;
  bool half = false;                     ///< float16, else float32; both little-endian
  std::vector<std::int64_t> shape;       ///< [B, C, H, W] or [B, T, C, H, W]
  std::span<const std::int64_t> labels;  ///< [B] or empty
  std::span<const std::int64_t> keys;    ///< [B] or empty
  std::int64_t chunk = 0;                ///< samples of an HDF5 chunk, 0 = contiguous

  std::uint64_t sampleBytes() const {
    std::uint64_t bytes = half ? 2 : 4;
    for (std::size_t i = 1; i < shape.size(); ++i) bytes *= static_cast<std::uint64_t>(shape[i]);
    return bytes;
  }
  std::uint64_t latentBytes() const { return sampleBytes() * static_cast<std::uint64_t>(shape.front()); }
};

/// Writes a dataset in order: arrays 'latents', and 'labels' and 'keys' (int64) where there are some. Creates or replaces
/// the file at path, which is whole only after finish(). Everything throws Error DiskFull or Io.
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;
  /// Numbers of the next samples: whole samples, as many as `shape` says in all.
  virtual void append(std::span<const std::byte> numbers) = 0;
  virtual void finish() = 0;
};

std::unique_ptr<DatasetWriter> makeHdf5Writer(const DatasetToWrite& dataset);
std::unique_ptr<DatasetWriter> makeNpzWriter(const DatasetToWrite& dataset);
std::unique_ptr<DatasetWriter> makeSafetensorsWriter(const DatasetToWrite& dataset);

}  // namespace dw::data
