// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "data/array_source.h"

namespace dw::data {

/// Part of one crop [C, H, W] as it lies in a byte store. Counts and strides are in numbers.
struct Block {
  std::uint64_t place = 0;               ///< byte of its first number
  std::array<std::int64_t, 3> count{};   ///< c, h, w
  std::array<std::int64_t, 3> stride{};  ///< in the store
  std::size_t out = 0;                   ///< where its first number goes in the result
};

/// Brings blocks into a result of crops [C, H, W] as float32: in the order of the file, neighbours by one read, numbers
/// converted on the way. A block that is spread thinly is cut along its widest axis, so that no more than a few times its
/// own bytes are read. outStride: of the crops in the result. Throws what the store throws.
void readBlocks(const ByteStore& bytes, formats::NumberType type, bool bigEndian, const std::vector<Block>& blocks,
                const std::array<std::int64_t, 3>& outStride, std::span<float> out);

/// Numbers [c, h, w] from one order of axes to another.
void copyStrided(const float* in, const std::array<std::int64_t, 3>& inStride, float* out,
                 const std::array<std::int64_t, 3>& outStride, const std::array<std::int64_t, 3>& count);

}  // namespace dw::data
