// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/number_type.h"

namespace dw::data::writers {

/// One array of the new file: little-endian, row by row. Types: Float16, Float32, Int64, UInt8.
struct ArrayToWrite {
  std::string name;
  formats::NumberType type{};
  std::vector<std::int64_t> shape;  ///< the first axis counts rows: samples, or bytes of a text
  std::int64_t chunk = 0;           ///< rows of an HDF5 chunk, 0 = contiguous

  std::uint64_t rowBytes() const {
    std::uint64_t bytes = formats::sizeOf(type);
    for (std::size_t i = 1; i < shape.size(); ++i) bytes *= static_cast<std::uint64_t>(shape[i]);
    return bytes;
  }
  std::uint64_t bytes() const { return rowBytes() * static_cast<std::uint64_t>(shape.front()); }
};

struct DatasetToWrite {
  std::filesystem::path path;
  std::vector<ArrayToWrite> arrays;  ///< in the order in which their numbers come
};

/// Writes arrays one after another. Creates or replaces the file at path, which is whole only after finish(). Everything
/// throws Error DiskFull or Io.
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;
  /// Numbers of the next rows of that array: whole rows, as many as its shape says in all, then those of the next array.
  virtual void append(std::size_t array, std::span<const std::byte> numbers) = 0;
  virtual void finish() = 0;
};

std::unique_ptr<DatasetWriter> makeHdf5Writer(const DatasetToWrite& dataset);
std::unique_ptr<DatasetWriter> makeNpzWriter(const DatasetToWrite& dataset);
std::unique_ptr<DatasetWriter> makeSafetensorsWriter(const DatasetToWrite& dataset);

}  // namespace dw::data::writers
