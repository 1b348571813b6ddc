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
/// Helper:        for each item u64 bytes, then the numbers as the file stores them; kH5Failed and no bytes on failure.
namespace dw::data {

struct H5Request {
  std::int64_t dataset = 0;  ///< index in the JSON list
  std::int64_t count = 0;    ///< 1 .. kH5MostItems
};

struct H5Item {
  std::int64_t sample = 0;  ///< index on the first axis; -1: the whole dataset
  std::int64_t crop = 0;    ///< index on the second axis of a dataset of rank 5
};

constexpr std::uint64_t kH5Failed = ~std::uint64_t{0};
constexpr std::int64_t kH5MostItems = 256;

}  // namespace dw::data
