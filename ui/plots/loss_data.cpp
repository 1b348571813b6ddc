// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_data.h"

namespace dw::ui {

void LossData::clear() {
  raw_.clear();
  smooth_.clear();
  lr_.clear();
  gradNorm_.clear();
  smoother_ = EmaSmoother(window_);
  notPositive_ = 0;
}

void LossData::append(std::int64_t step, double loss, double lr, double gradNorm) {
  const auto x = static_cast<double>(step);
  raw_.append(x, loss);
  smooth_.append(x, smoother_.push(loss));
  lr_.append(x, lr);
  gradNorm_.push_back(static_cast<float>(gradNorm));
  if (!(loss > 0.0)) ++notPositive_;
}

void LossData::setWindow(double window) {
  window_ = window;
  smoother_ = EmaSmoother(window);
  smooth_.clear();
  smooth_.reserve(raw_.size());
  for (std::size_t i = 0; i < raw_.size(); ++i) smooth_.append(raw_.x(i), smoother_.push(raw_.y(i)));
}

}  // namespace dw::ui
