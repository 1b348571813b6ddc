// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

namespace dw::ui {

/// Bias-corrected exponential moving average: m_n = b m_(n-1) + (1 - b) x_n, shown as m_n / (1 - b^n) (Kingma and Ba,
/// "Adam", 2015, section 3). Without the correction the curve would start near zero.
class EmaSmoother {
 public:
  /// window: steps that the average looks back over, b = 1 - 1 / window; 1 or less = no smoothing.
  explicit EmaSmoother(double window) : decay_(1.0 - 1.0 / std::max(1.0, window)) {}

  double push(double x) {
    mean_ = decay_ * mean_ + (1.0 - decay_) * x;
    weight_ *= decay_;
    return mean_ / (1.0 - weight_);
  }

 private:
  double decay_;
  double mean_ = 0.0;
  double weight_ = 1.0;  // b^n
};

}  // namespace dw::ui
