// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "plots/ema_smoother.h"
#include "plots/min_max_series.h"

namespace dw::ui {

/// What the horizontal axis counts: updates, samples seen, or seconds of training.
enum class LossAxis { Step, Samples, Time };

/// The curves of one run: loss raw and smoothed, learning rate, gradient norm, and the validation loss. No widget.
class LossData {
 public:
  void clear();
  /// samples and activeS: seen and trained so far; 0 where nobody knows (then only the axis of steps is right).
  void append(std::int64_t step, double loss, double lr, double gradNorm, std::int64_t samples = 0, double activeS = 0.0);
  void appendValidation(std::int64_t step, double loss);
  void clearValidation();
  /// Steps the average looks back over; the smoothed curve is computed anew.
  void setWindow(double window);
  double window() const { return window_; }
  /// Lays every curve out along another axis.
  void setAxis(LossAxis axis);
  LossAxis axis() const { return axis_; }

  const MinMaxSeries& raw() const { return raw_; }
  const MinMaxSeries& smooth() const { return smooth_; }
  const MinMaxSeries& lr() const { return lr_; }
  const MinMaxSeries& gradNorm() const { return gradNorm_; }
  const MinMaxSeries& validation() const { return validation_; }
  std::size_t size() const { return raw_.size(); }
  std::int64_t step(std::size_t i) const { return steps_[i]; }
  std::int64_t samples(std::size_t i) const { return samples_[i]; }
  double activeS(std::size_t i) const { return activeS_[i]; }
  std::int64_t validationStep(std::size_t i) const { return validationSteps_[i]; }
  /// Place of a step on the axis in force. Steps to come go on at the pace so far.
  double xOf(double step) const;
  /// Points that a logarithmic loss axis cannot show.
  std::size_t notPositive() const { return notPositive_; }

 private:
  double xAt(std::size_t i) const;

  MinMaxSeries raw_, smooth_, lr_, gradNorm_, validation_;
  std::vector<std::int64_t> steps_, samples_;
  std::vector<double> activeS_;
  std::vector<std::int64_t> validationSteps_;
  LossAxis axis_ = LossAxis::Step;
  double window_ = 50.0;
  EmaSmoother smoother_{50.0};
  std::size_t notPositive_ = 0;
};

}  // namespace dw::ui
