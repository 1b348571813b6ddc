// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "training/named_tensors.h"

namespace dw::training {

/// Every so many updates the ratio is measured: it costs a copy of the weights.
inline constexpr std::int64_t kUpdateRatioEvery = 10;

/// How far one update moves the weights, ||after - before|| / ||before|| over all of them as one vector. About 1e-3 is usual;
/// far less means a rate too small to learn, far more one too large.
///
///   UpdateRatio meter(parameters);
///   optimizer.step(...);
///   double ratio = meter.ratio();
class UpdateRatio {
 public:
  explicit UpdateRatio(const NamedTensors& parameters);
  /// Once. Waits for the device. 0 if all weights were 0.
  double ratio();

 private:
  std::vector<at::Tensor> parameters_, before_;
};

}  // namespace dw::training
