// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace dw::formats {

/// How one number is stored in a file. Only the floating ones and UInt8 can be samples; the others are named in refusals
/// and serve as keys and labels.
enum class NumberType {
  Float16,
  BFloat16,
  Float32,
  Float64,
  UInt8,
  Int8,
  Int16,
  UInt16,
  Int32,
  UInt32,
  Int64,
  UInt64,
  Bool,
  Complex32,
  Complex64,
  Complex128,
};

std::size_t sizeOf(NumberType type) noexcept;  ///< bytes of one number
const char* nameOf(NumberType type) noexcept;  ///< "float16", "int64", ...
bool isFloating(NumberType type) noexcept;     ///< float16, bfloat16, float32 or float64
bool isInteger(NumberType type) noexcept;      ///< any integer type or bool

/// Stored floating numbers -> float32. bytes.size() == out.size() * sizeOf(type); type is floating.
void toFloats(NumberType type, bool bigEndian, std::span<const std::byte> bytes, std::span<float> out);
/// One stored integer. bytes.size() == sizeOf(type); type is an integer type.
std::int64_t toInteger(NumberType type, bool bigEndian, std::span<const std::byte> bytes);

/// a * b, or nothing if that does not fit 64 bits.
std::optional<std::uint64_t> product(std::uint64_t a, std::uint64_t b) noexcept;
/// a + b, or nothing if that does not fit 64 bits.
std::optional<std::uint64_t> sum(std::uint64_t a, std::uint64_t b) noexcept;

}  // namespace dw::formats
