// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace dw {

/// IEEE 754 binary16 -> float, bit by bit (NaN and subnormals kept).
float halfToFloat(std::uint16_t bits) noexcept;
/// float -> IEEE 754 binary16, round to nearest even.
std::uint16_t floatToHalf(float value) noexcept;
/// bfloat16 (the upper half of a float) -> float.
float bfloat16ToFloat(std::uint16_t bits) noexcept;

/// Arrays, vectorised by the compiler. in and out do not overlap.
void halfToFloat(const std::uint16_t* in, float* out, std::size_t count) noexcept;
void bfloat16ToFloat(const std::uint16_t* in, float* out, std::size_t count) noexcept;

}  // namespace dw
