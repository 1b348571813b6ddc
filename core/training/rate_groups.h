// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "training/named_tensors.h"

namespace dw::training {

/// Parameters that share one learning rate.
struct RateGroup {
  double factor = 1.0;               ///< their rate = factor * lr
  std::vector<std::size_t> members;  ///< places in the list of parameters
};

/// Numbers that each output of a tensor sums over, as the reference's trainer counts them: the columns of a matrix, the
/// product of all sizes but the first beyond that, all elements of a vector; 1 for a single number.
std::int64_t fanIn(const at::Tensor& tensor);

/// fanInScaling: each tensor's rate is lr / fan_in, so that one lr suits models of every width (cf. Yang et al., "Tensor
/// Programs V", 2022). Otherwise one group of all.
std::vector<RateGroup> rateGroups(const NamedTensors& parameters, bool fanInScaling);

}  // namespace dw::training
