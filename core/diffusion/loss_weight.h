// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace dw::diffusion {

/// Weights of the squared error at each t, as functions of the signal-to-noise ratio [T] (schedule::NoiseSchedule::snr).
/// min-SNR: Hang et al., "Efficient Diffusion Training via Min-SNR Weighting Strategy", 2023; gamma is 5 there.
/// The same weighting of x_0's error, written for what the model predicts:
std::vector<double> minSnrEpsilon(const std::vector<double>& snr, double gamma);   ///< min(snr, gamma) / snr
std::vector<double> minSnrVelocity(const std::vector<double>& snr, double gamma);  ///< min(snr, gamma) / (snr + 1)
std::vector<double> minSnrX0(const std::vector<double>& snr, double gamma);        ///< min(snr, gamma)

/// 1 / sqrt(min(snr, 1000)): Yu et al., "Debias the Training of Diffusion Models", 2023. Infinite where snr is 0.
std::vector<double> debiasedEpsilon(const std::vector<double>& snr);

}  // namespace dw::diffusion
