// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/random.h"

#include <cmath>
#include <numbers>

namespace dw {
namespace {

/// SplitMix64 finaliser (Steele, Lea, Flood 2014): spreads every input bit over the whole word.
std::uint64_t mix(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t streamSeed(std::uint64_t runSeed, std::string_view stream, std::uint64_t step, std::uint64_t microBatch) {
  std::uint64_t name = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char c : stream) name = (name ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mix(mix(mix(mix(runSeed) ^ name) ^ step) ^ microBatch);
}

void Philox::refill() noexcept {
  auto c = counter_;
  auto k = key_;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
    k[0] += 0x9E3779B9U;
    k[1] += 0xBB67AE85U;
  }
  block_ = c;
  used_ = 0;
  for (auto& word : counter_) {
    if (++word != 0) break;
  }
}

Philox::result_type Philox::operator()() noexcept {
  if (used_ == 4) refill();
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t Philox::next64() noexcept {
  const std::uint64_t low = (*this)();
  return low | (std::uint64_t{(*this)()} << 32);
}

double Philox::uniform() noexcept { return static_cast<double>(next64() >> 11) * 0x1.0p-53; }

std::uint64_t Philox::below(std::uint64_t bound) noexcept {
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t threshold = (0 - bound) % bound;
  while (true) {
    const Wide product = Wide{next64()} * bound;
    if (static_cast<std::uint64_t>(product) >= threshold) return static_cast<std::uint64_t>(product >> 64);
  }
}

double Philox::normal() noexcept {
  if (hasSpare_) {
    hasSpare_ = false;
    return spareNormal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spareNormal_ = radius * std::sin(angle);
  hasSpare_ = true;
  return radius * std::cos(angle);
}

}  // namespace dw
