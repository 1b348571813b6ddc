// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/widen.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/widen.cpp"
#include <hwy/foreach_target.h>  // compiles the code below once for each instruction set
#include <hwy/highway.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/half.h"

HWY_BEFORE_NAMESPACE();
namespace dw::formats::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<float>;
using Bits = hn::Rebind<std::uint16_t, Wide>;

hn::Vec<Bits> load(Bits d, const std::byte* in, bool swap) {
  const auto bits = hn::LoadU(d, reinterpret_cast<const std::uint16_t*>(in));
  return swap ? hn::Or(hn::ShiftLeft<8>(bits), hn::ShiftRight<8>(bits)) : bits;
}

/// How many of count numbers go through vectors: none at an odd address, which a 16-bit load may not have everywhere.
std::size_t inVectors(const std::byte* in, std::size_t count, std::size_t lanes) {
  return reinterpret_cast<std::uintptr_t>(in) % 2 == 0 ? count / lanes * lanes : 0;
}

std::uint16_t loadOne(const std::byte* in, bool swap) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, in, sizeof bits);
  return swap ? static_cast<std::uint16_t>(bits << 8 | bits >> 8) : bits;
}

void half(const std::byte* in, bool swap, float* out, std::size_t count) {
  const Wide wide;
  const Bits bits;
  const hn::Rebind<hwy::float16_t, Wide> halves;
  const auto lanes = hn::Lanes(wide), vectors = inVectors(in, count, lanes);
  std::size_t i = 0;
  for (; i < vectors; i += lanes)
    hn::StoreU(hn::PromoteTo(wide, hn::BitCast(halves, load(bits, in + 2 * i, swap))), wide, out + i);
  for (; i < count; ++i) out[i] = halfToFloat(loadOne(in + 2 * i, swap));
}

void bfloat16(const std::byte* in, bool swap, float* out, std::size_t count) {
  const Wide wide;
  const Bits bits;
  const hn::Rebind<std::uint32_t, Wide> upper;
  const auto lanes = hn::Lanes(wide), vectors = inVectors(in, count, lanes);
  std::size_t i = 0;
  for (; i < vectors; i += lanes) {
    const auto shifted = hn::ShiftLeft<16>(hn::PromoteTo(upper, load(bits, in + 2 * i, swap)));
    hn::StoreU(hn::BitCast(wide, shifted), wide, out + i);
  }
  for (; i < count; ++i) out[i] = bfloat16ToFloat(loadOne(in + 2 * i, swap));
}

}  // namespace dw::formats::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dw::formats {

HWY_EXPORT(half);
HWY_EXPORT(bfloat16);

void widenHalf(const std::byte* in, bool swap, float* out, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(half)(in, swap, out, count);
}

void widenBFloat16(const std::byte* in, bool swap, float* out, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(bfloat16)(in, swap, out, count);
}

}  // namespace dw::formats
#endif
