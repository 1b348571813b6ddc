// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "config/choices.h"

namespace dw::diffusion {

/// trailing begins at the noisiest timestep (Lin et al. 2023 show why it should), leading ends at the cleanest one, linspace
/// does both.
using config::Spacing;

/// Samplers agree on trailing, but not on the others: `whole` numbers for DDPM and DDIM; solvers of order two (`inner`) stay
/// off t = 0, as their last step ends there at no noise; Euler's linspace is `fractional`.
enum class Grid { Whole, Inner, Fractional };

/// `count` falling timesteps in [0, T - 1 + offset]; offset is added to those of leading. 1 <= count <= T; Inner leading
/// needs count < T.
std::vector<double> spacedTimesteps(Spacing spacing, Grid grid, std::int64_t steps, std::int64_t count,
                                    std::int64_t offset = 0);

/// count evenly spaced numbers from first to last, both included; a single one is first.
std::vector<double> evenly(double first, double last, std::int64_t count);

}  // namespace dw::diffusion
