// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "diffusion/samplers/spacing.h"
#include "schedule/noise_schedule.h"

namespace dw::diffusion {

/// The noise-to-signal ratio sigma_t of EDM, at any real t between whole timesteps, and back.
class SigmaTable {
 public:
  explicit SigmaTable(const schedule::NoiseSchedule& schedule);

  /// Linear between the neighbours; at an alphaBar of 0, where sigma is infinite, as if alphaBar were 2^-24.
  double sigmaAt(double t) const;
  /// The t with that sigma, linear in log sigma between the neighbours, 0..T-1.
  double timeAt(double sigma) const;
  double largest() const { return sigma_.back(); }
  double smallest() const { return sigma_.front(); }

 private:
  std::vector<double> sigma_;   ///< of each t
  std::vector<double> rising_;  ///< the same without the dip that the stand-in for infinity can make
};

/// Where the steps of a sampler that thinks in sigmas begin; sigma has one entry more, the final 0.
struct SigmaPath {
  std::vector<double> t;
  std::vector<double> sigma;
};

/// The spaced timesteps with their sigmas.
SigmaPath sigmaPath(const SigmaTable& table, Spacing spacing, Grid grid, std::int64_t steps, std::int64_t count,
                    std::int64_t offset);

/// Sigmas spaced as EDM does, rho = 7 (Karras et al. 2022, eq. 5), and the t of each.
SigmaPath karrasPath(const SigmaTable& table, double first, double last, std::int64_t count, bool wholeTimesteps);

}  // namespace dw::diffusion
