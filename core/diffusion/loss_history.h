// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace dw::diffusion {

/// The latest losses of each part of the timesteps, and how often each should be drawn for it: chance ~ sqrt(mean of the
/// squared losses), which makes the mean loss least noisy (Nichol, Dhariwal 2021, section 3.3; there one entry per t, here
/// up to 100 parts, so that a thousand steps are enough to fill them). Even until every part has its ten losses.
class LossHistory {
 public:
  static constexpr std::int64_t kMostBins = 100, kKept = 10;

  /// steps: T; there are min(T, 100) bins.
  explicit LossHistory(std::int64_t steps);
  /// From what values() gave. Throws Error BadData if it is none of these.
  LossHistory(std::int64_t steps, std::vector<double> losses, std::vector<std::int64_t> counts);

  /// share: place in [0, 1).
  void add(double share, double loss);
  /// One number per bin, their sum 1.
  std::vector<double> chances() const;

  const std::vector<double>& losses() const { return losses_; }        ///< [bins, 10], each bin a ring
  const std::vector<std::int64_t>& counts() const { return counts_; }  ///< losses ever added to each bin
  std::int64_t bins() const { return static_cast<std::int64_t>(counts_.size()); }
  bool operator==(const LossHistory&) const = default;

 private:
  std::vector<double> losses_;
  std::vector<std::int64_t> counts_;
};

}  // namespace dw::diffusion
