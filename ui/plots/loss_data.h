// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "plots/ema_smoother.h"
#include "plots/min_max_series.h"

namespace dw::ui {

/// The curves of one run: loss raw and smoothed, learning rate; gradient norms for the readout. No widget.
class LossData {
 public:
  void clear();
  void append(std::int64_t step, double loss, double lr, double gradNorm);
  /// Steps the average looks back over; the smoothed curve is computed anew.
  void setWindow(double window);
  double window() const { return window_; }

  const MinMaxSeries& raw() const { return raw_; }
  const MinMaxSeries& smooth() const { return smooth_; }
  const MinMaxSeries& lr() const { return lr_; }
  double gradNorm(std::size_t i) const { return static_cast<double>(gradNorm_[i]); }
  std::size_t size() const { return raw_.size(); }
  /// Points that a logarithmic loss axis cannot show.
  std::size_t notPositive() const { return notPositive_; }

 private:
  MinMaxSeries raw_, smooth_, lr_;
  std::vector<float> gradNorm_;
  double window_ = 50.0;
  EmaSmoother smoother_{50.0};
  std::size_t notPositive_ = 0;
};

}  // namespace dw::ui
