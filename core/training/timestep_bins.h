// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

namespace dw::training {

/// Sums of per-sample losses by where their timestep lies: bin i holds t in [i T / 20, (i + 1) T / 20).
struct TimestepBins {
  static constexpr int kCount = 20;
  std::array<float, kCount> sum{};
  std::array<float, kCount> count{};

  void add(std::int64_t t, std::int64_t steps, double loss);
};

}  // namespace dw::training
