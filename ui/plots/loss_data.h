// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plots/ema_smoother.h"
#include "plots/min_max_series.h"
#include "session/training/measurement_history.h"

namespace dw::ui {

/// What the horizontal axis counts: updates, samples seen, or seconds of training.
enum class LossAxis { Step, Samples, Time };

/// The curves of one run: loss raw and smoothed, learning rate, gradient norm; and what is measured at some steps only:
/// validation loss, ratio of update to weight, spikes. No widget.
class LossData {
 public:
  void clear();
  /// Forgets the steps, not what was measured at some of them; placeMeasured() once they are here anew.
  void clearSteps();
  void placeMeasured();
  /// samples and activeS: seen and trained so far; 0 where nobody knows (then only the axis of steps is right).
  void append(std::int64_t step, double loss, double lr, double gradNorm, std::int64_t samples = 0,
              double activeS = 0.0);
  void appendValidation(std::int64_t step, double loss);
  void clearValidation();
  void appendUpdateRatio(std::int64_t step, double ratio);
  void appendSpike(const Spike& spike);
  void clearRatiosAndSpikes();
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
  /// Length of the update over the length of the weights, at the steps where it was measured.
  const MinMaxSeries& updateRatio() const { return updateRatio_; }
  /// The loss at each step that stands out, as far as its step is here.
  const MinMaxSeries& spikePoints() const { return spikePoints_; }
  const Spike& spikeAt(std::size_t point) const { return spikes_[spikeOf_[point]]; }
  const std::vector<Spike>& spikes() const { return spikes_; }
  std::size_t size() const { return raw_.size(); }
  std::int64_t step(std::size_t i) const { return steps_[i]; }
  std::int64_t samples(std::size_t i) const { return samples_[i]; }
  double activeS(std::size_t i) const { return activeS_[i]; }
  std::int64_t validationStep(std::size_t i) const { return validationSteps_[i]; }
  std::int64_t updateRatioStep(std::size_t i) const { return updateRatioSteps_[i]; }
  std::optional<std::size_t> indexOf(std::int64_t step) const;
  /// Place of a step on the axis in force. Steps to come go on at the pace so far.
  double xOf(double step) const;
  /// Points that a logarithmic loss axis cannot show.
  std::size_t notPositive() const { return notPositive_; }

 private:
  double xAt(std::size_t i) const;
  void placeSpike(std::size_t i);

  MinMaxSeries raw_, smooth_, lr_, gradNorm_, validation_, updateRatio_, spikePoints_;
  std::vector<std::int64_t> steps_, samples_;
  std::vector<double> activeS_;
  std::vector<std::int64_t> validationSteps_, updateRatioSteps_;
  std::vector<Spike> spikes_;
  std::vector<std::size_t> spikeOf_;  // of each point of spikePoints_: its place in spikes_
  LossAxis axis_ = LossAxis::Step;
  double window_ = 50.0;
  EmaSmoother smoother_{50.0};
  std::size_t notPositive_ = 0;
};

}  // namespace dw::ui
