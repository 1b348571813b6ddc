// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// What dw_data and its helper `dwb-h5probe FILE` say to each other. The library of HDF5 crashes on damaged files, so only
/// the helper ever opens one; it dies alone. All numbers are in native order: both ends run on one machine.
///
/// Helper, once:  u64 length, then that many bytes of JSON:
///   {"error": sentence} or {"datasets": [{"name", "shape", "class", "dtype", "big_endian", "layout", "offset" (-1 unknown),
///    "external", "chunk" (shape), "filters": [{"id", "name", "available"}]}]}
/// We, any time:  H5Request, then `count` times H5Item.
/// Helper:        for each item u64 bytes, then the answer, which is so long; kH5Failed and nothing more on failure.
namespace dw::data::hdf5 {

enum class H5Query : std::int64_t {
  /// item: a sample and its crop; answer: its numbers as the file stores them, in the order of the file's axes
  Samples,
  /// item: first index on the file's first axis, and how many from there; answer: numbers. -1: the whole dataset
  Rows,
  Chunks,  ///< item: index of a chunk, row-major; answer: H5Place. Fails for a chunk that was never written
};

struct H5Request {
  std::int64_t dataset = 0;  ///< index in the JSON list
  std::int64_t count = 0;    ///< 1 .. kH5MostItems
  H5Query question = H5Query::Samples;
  std::int64_t sampleAxis = 0;
  std::int64_t cropAxis = -1;  ///< -1: the file has none
};

struct H5Item {
  std::int64_t first = 0;   ///< sample, row or chunk
  std::int64_t second = 0;  ///< crop, or number of rows
};

struct H5Place {
  std::uint64_t offset = 0;  ///< byte in the file
  std::uint64_t bytes = 0;
};

constexpr std::uint64_t kH5Failed = ~std::uint64_t{0};
constexpr std::int64_t kH5MostItems = 256;

}  // namespace dw::data::hdf5
