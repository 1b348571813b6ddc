// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <vector>

namespace dw::training {

/// L2 norm of all gradients taken as one vector, a 0-dim tensor on their device, so that loss and norm can come to the
/// host together. Undefined gradients count as zero. A NaN or infinity anywhere makes it not finite.
at::Tensor globalNorm(const std::vector<at::Tensor>& gradients);

/// min(1, maxNorm / (norm + 1e-6)): the factor that clipping multiplies gradients with. maxNorm <= 0: never clipped, 1.
double clipFactor(double norm, double maxNorm);

/// Multiplies all gradients in place (Pascanu et al., "On the difficulty of training recurrent neural networks", 2013).
void scaleGradients(const std::vector<at::Tensor>& gradients, double factor);

}  // namespace dw::training
