// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dw {

/// Seed of one stream at one step: a pure function of (run seed, stream name, step, micro-batch). Whoever needs
/// randomness for step s asks for it here, so a resumed run repeats the same numbers without any saved generator state
/// and two branches from one checkpoint see the same batches and noise. Streams in use: "batch", "crop", "timestep",
/// "noise", "tread", "label", "context", "init", "flip", "epoch"; of a sampler: "sample", "sample noise".
std::uint64_t streamSeed(std::uint64_t runSeed, std::string_view stream, std::uint64_t step,
                         std::uint64_t microBatch = 0);

/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
/// Satisfies UniformRandomBitGenerator; every seed gives its own sequence.
class Philox {
 public:
  using result_type = std::uint32_t;
  explicit Philox(std::uint64_t seed) noexcept
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return 0xFFFFFFFFU; }
  result_type operator()() noexcept;

  std::uint64_t next64() noexcept;
  /// Uniform in [0, 1) with 53 random bits.
  double uniform() noexcept;
  /// Uniform in [0, bound) without modulo bias (Lemire 2019). bound > 0.
  std::uint64_t below(std::uint64_t bound) noexcept;
  /// Standard normal (Box-Muller); the same on every machine up to the last digits of libm.
  double normal() noexcept;

 private:
  void refill() noexcept;

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_{};
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  double spareNormal_ = 0.0;
  bool hasSpare_ = false;
};

}  // namespace dw
