// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/update_ratio.h"

#include "training/gradient_clip.h"

namespace dw::training {

UpdateRatio::UpdateRatio(const NamedTensors& parameters) : parameters_(tensorsOf(parameters)) {
  const at::NoGradGuard noGrad;
  before_.reserve(parameters_.size());
  for (const auto& parameter : parameters_) before_.push_back(parameter.detach().clone());
}

double UpdateRatio::ratio() {
  const at::NoGradGuard noGrad;
  if (before_.empty()) return 0.0;
  const auto length = globalNorm(before_).item<double>();
  at::_foreach_sub_(before_, parameters_);
  return length > 0.0 ? globalNorm(before_).item<double>() / length : 0.0;
}

}  // namespace dw::training
