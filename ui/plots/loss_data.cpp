// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_data.h"

#include <algorithm>
#include <utility>

namespace dw::ui {

void LossData::clear() {
  clearSteps();
  clearValidation();
  clearRatiosAndSpikes();
}

void LossData::clearSteps() {
  for (auto* series : {&raw_, &smooth_, &lr_, &gradNorm_}) series->clear();
  steps_.clear();
  samples_.clear();
  activeS_.clear();
  smoother_ = EmaSmoother(window_);
  notPositive_ = 0;
}

void LossData::append(std::int64_t step, double loss, double lr, double gradNorm, std::int64_t samples,
                      double activeS) {
  const std::size_t i = steps_.size();
  // A run that was resumed may count its time anew: an axis never goes back.
  steps_.push_back(step);
  samples_.push_back(i > 0 ? std::max(samples, samples_.back()) : samples);
  activeS_.push_back(i > 0 ? std::max(activeS, activeS_.back()) : activeS);
  const double x = xAt(i);
  raw_.append(x, loss);
  smooth_.append(x, smoother_.push(loss));
  lr_.append(x, lr);
  gradNorm_.append(x, gradNorm);
  if (!(loss > 0.0)) ++notPositive_;
  if (i == 0 && axis_ != LossAxis::Step) placeMeasured();  // nobody knew the place of a step before
}

void LossData::appendValidation(std::int64_t step, double loss) {
  if (!validationSteps_.empty() && step <= validationSteps_.back()) return;
  validationSteps_.push_back(step);
  validation_.append(xOf(static_cast<double>(step)), loss);
}

void LossData::clearValidation() {
  validation_.clear();
  validationSteps_.clear();
}

void LossData::appendUpdateRatio(std::int64_t step, double ratio) {
  if (!updateRatioSteps_.empty() && step <= updateRatioSteps_.back()) return;
  updateRatioSteps_.push_back(step);
  updateRatio_.append(xOf(static_cast<double>(step)), ratio);
}

void LossData::appendSpike(const Spike& spike) {
  if (!spikes_.empty() && spike.step <= spikes_.back().step) return;
  spikes_.push_back(spike);
  placeSpike(spikes_.size() - 1);
}

void LossData::placeSpike(std::size_t i) {
  const auto at = indexOf(spikes_[i].step);
  if (!at) return;
  spikePoints_.append(raw_.x(*at), raw_.y(*at));
  spikeOf_.push_back(i);
}

void LossData::clearRatiosAndSpikes() {
  updateRatio_.clear();
  updateRatioSteps_.clear();
  spikes_.clear();
  spikePoints_.clear();
  spikeOf_.clear();
}

std::optional<std::size_t> LossData::indexOf(std::int64_t step) const {
  const auto found = std::lower_bound(steps_.begin(), steps_.end(), step);
  if (found == steps_.end() || *found != step) return std::nullopt;
  return static_cast<std::size_t>(found - steps_.begin());
}

void LossData::placeMeasured() {
  const auto place = [this](MinMaxSeries& series, const std::vector<std::int64_t>& steps) {
    MinMaxSeries moved;
    moved.reserve(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) moved.append(xOf(static_cast<double>(steps[i])), series.y(i));
    series = std::move(moved);
  };
  place(validation_, validationSteps_);
  place(updateRatio_, updateRatioSteps_);
  spikePoints_.clear();
  spikeOf_.clear();
  for (std::size_t i = 0; i < spikes_.size(); ++i) placeSpike(i);
}

void LossData::setWindow(double window) {
  window_ = window;
  smoother_ = EmaSmoother(window);
  smooth_.clear();
  smooth_.reserve(raw_.size());
  for (std::size_t i = 0; i < raw_.size(); ++i) smooth_.append(raw_.x(i), smoother_.push(raw_.y(i)));
}

double LossData::xAt(std::size_t i) const {
  switch (axis_) {
    case LossAxis::Step: break;
    case LossAxis::Samples: return static_cast<double>(samples_[i]);
    case LossAxis::Time: return activeS_[i];
  }
  return static_cast<double>(steps_[i]);
}

double LossData::xOf(double step) const {
  if (axis_ == LossAxis::Step || steps_.empty()) return step;
  const auto found = std::lower_bound(steps_.begin(), steps_.end(), step,
                                      [](std::int64_t s, double wanted) { return static_cast<double>(s) < wanted; });
  if (found != steps_.end()) return xAt(static_cast<std::size_t>(found - steps_.begin()));
  const double last = static_cast<double>(steps_.back());
  const double pace = last > 0.0 ? xAt(steps_.size() - 1) / last : 0.0;
  return xAt(steps_.size() - 1) + (step - last) * pace;
}

void LossData::setAxis(LossAxis axis) {
  if (axis == std::exchange(axis_, axis)) return;
  for (auto* series : {&raw_, &smooth_, &lr_, &gradNorm_}) {
    MinMaxSeries moved;
    moved.reserve(series->size());
    for (std::size_t i = 0; i < series->size(); ++i) moved.append(xAt(i), series->y(i));
    *series = std::move(moved);
  }
  placeMeasured();
}

}  // namespace dw::ui
