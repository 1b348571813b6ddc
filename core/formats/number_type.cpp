// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/number_type.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "formats/widen.h"

namespace dw::formats {
namespace {

static_assert(std::endian::native == std::endian::little, "files are little-endian and are read as they are");

struct TypeFacts {
  NumberType type;
  std::size_t size;
  const char* name;
};

constexpr std::array kTypes{
    TypeFacts{NumberType::Float16, 2, "float16"},     TypeFacts{NumberType::BFloat16, 2, "bfloat16"},
    TypeFacts{NumberType::Float32, 4, "float32"},     TypeFacts{NumberType::Float64, 8, "float64"},
    TypeFacts{NumberType::UInt8, 1, "uint8"},         TypeFacts{NumberType::Int8, 1, "int8"},
    TypeFacts{NumberType::Int16, 2, "int16"},         TypeFacts{NumberType::UInt16, 2, "uint16"},
    TypeFacts{NumberType::Int32, 4, "int32"},         TypeFacts{NumberType::UInt32, 4, "uint32"},
    TypeFacts{NumberType::Int64, 8, "int64"},         TypeFacts{NumberType::UInt64, 8, "uint64"},
    TypeFacts{NumberType::Bool, 1, "bool"},           TypeFacts{NumberType::Complex32, 4, "complex32"},
    TypeFacts{NumberType::Complex64, 8, "complex64"}, TypeFacts{NumberType::Complex128, 16, "complex128"},
};

const TypeFacts& factsOf(NumberType type) {
  return *std::find_if(kTypes.begin(), kTypes.end(), [type](const TypeFacts& facts) { return facts.type == type; });
}

/// Copies numbers of `size` bytes, each turned round when the file is big-endian.
void copyNative(std::size_t size, bool bigEndian, std::span<const std::byte> bytes, std::byte* out) {
  std::memcpy(out, bytes.data(), bytes.size());
  if (!bigEndian) return;
  for (std::size_t i = 0; i + size <= bytes.size(); i += size) std::reverse(out + i, out + i + size);
}

std::uint32_t turned(std::uint32_t bits) { return __builtin_bswap32(bits); }
std::uint64_t turned(std::uint64_t bits) { return __builtin_bswap64(bits); }

/// Floating numbers -> float32. A fixed size lets the compiler turn many round at once.
template <typename T, typename Bits>
void narrow(bool bigEndian, std::span<const std::byte> bytes, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + i * sizeof bits, sizeof bits);
    if (bigEndian) bits = turned(bits);
    out[i] = static_cast<float>(std::bit_cast<T>(bits));
  }
}

template <typename T>
std::int64_t integerFrom(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::size_t sizeOf(NumberType type) noexcept { return factsOf(type).size; }

const char* nameOf(NumberType type) noexcept { return factsOf(type).name; }

bool isFloating(NumberType type) noexcept { return type <= NumberType::Float64; }

bool isInteger(NumberType type) noexcept { return type >= NumberType::UInt8 && type <= NumberType::Bool; }

void toFloats(NumberType type, bool bigEndian, std::span<const std::byte> bytes, std::span<float> out) {
  if (type == NumberType::Float16)
    widenHalf(bytes.data(), bigEndian, out.data(), out.size());
  else if (type == NumberType::BFloat16)
    widenBFloat16(bytes.data(), bigEndian, out.data(), out.size());
  else if (type == NumberType::Float64)
    narrow<double, std::uint64_t>(bigEndian, bytes, out);
  else if (bigEndian)
    narrow<float, std::uint32_t>(bigEndian, bytes, out);
  else
    std::memcpy(out.data(), bytes.data(), bytes.size());
}

std::int64_t toInteger(NumberType type, bool bigEndian, std::span<const std::byte> bytes) {
  std::array<std::byte, 8> native{};
  copyNative(sizeOf(type), bigEndian, bytes.first(sizeOf(type)), native.data());
  switch (type) {
    case NumberType::Int8: return integerFrom<std::int8_t>(native.data());
    case NumberType::Int16: return integerFrom<std::int16_t>(native.data());
    case NumberType::UInt16: return integerFrom<std::uint16_t>(native.data());
    case NumberType::Int32: return integerFrom<std::int32_t>(native.data());
    case NumberType::UInt32: return integerFrom<std::uint32_t>(native.data());
    case NumberType::Int64:
    case NumberType::UInt64: return integerFrom<std::int64_t>(native.data());
    default: return integerFrom<std::uint8_t>(native.data());
  }
}

std::optional<std::uint64_t> product(std::uint64_t a, std::uint64_t b) noexcept {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) return std::nullopt;
  return a * b;
}

std::optional<std::uint64_t> sum(std::uint64_t a, std::uint64_t b) noexcept {
  if (a > std::numeric_limits<std::uint64_t>::max() - b) return std::nullopt;
  return a + b;
}

}  // namespace dw::formats
