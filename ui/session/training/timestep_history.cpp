// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/timestep_history.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace dw::ui {
namespace {

TimestepHistory::Sums sumsOf(const messages::StepMetrics& metrics) {
  TimestepHistory::Sums sums{.first = metrics.step, .last = metrics.step};
  std::copy(metrics.lossSum.begin(), metrics.lossSum.end(), sums.sum.begin());
  std::copy(metrics.lossCount.begin(), metrics.lossCount.end(), sums.count.begin());
  return sums;
}

}  // namespace

void TimestepHistory::Sums::add(const Sums& more) {
  if (more.last == 0) return;
  first = last == 0 ? more.first : std::min(first, more.first);
  last = std::max(last, more.last);
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] += more.sum[i];
    count[i] += more.count[i];
  }
}

double TimestepHistory::Sums::mean(int bin) const {
  const auto i = static_cast<std::size_t>(bin);
  return count.at(i) > 0.0 ? sum[i] / count[i] : std::numeric_limits<double>::quiet_NaN();
}

void TimestepHistory::clear() { *this = {}; }

void TimestepHistory::append(const messages::StepMetrics& metrics) {
  if (metrics.step <= last_) return;
  last_ = metrics.step;
  const auto one = sumsOf(metrics);
  takeColumn(one);
  total_.add(one);
  newest_.push_back(metrics);
  if (newest_.size() > kNewest) newest_.pop_front();
}

void TimestepHistory::takeColumn(const Sums& one) {
  const auto columnOf = [this](std::int64_t step) { return (step - 1) / stride_; };
  if (!columns_.empty() && columnOf(columns_.back().first) == columnOf(one.first)) return columns_.back().add(one);
  columns_.push_back(one);
  while (columns_.size() > kMostColumns) halve();
}

void TimestepHistory::halve() {
  stride_ *= 2;
  std::vector<Sums> wider;
  wider.reserve(columns_.size() / 2 + 1);
  for (const auto& column : std::exchange(columns_, {})) {
    const bool joins = !wider.empty() && (wider.back().first - 1) / stride_ == (column.first - 1) / stride_;
    if (joins)
      wider.back().add(column);
    else
      wider.push_back(column);
  }
  columns_ = std::move(wider);
}

void TimestepHistory::merge(TimestepHistory complete) {
  for (const auto& metrics : newest_) complete.append(metrics);
  *this = std::move(complete);
}

TimestepHistory::Sums TimestepHistory::newest(std::size_t steps) const {
  Sums sums;
  for (std::size_t i = newest_.size() - std::min(steps, newest_.size()); i < newest_.size(); ++i)
    sums.add(sumsOf(newest_[i]));
  return sums;
}

TimestepHistory::Sums TimestepHistory::around(std::int64_t step, std::int64_t atLeast) const {
  Sums sums;
  if (columns_.empty()) return sums;
  const auto found = std::lower_bound(columns_.begin(), columns_.end(), step,
                                      [](const Sums& c, std::int64_t s) { return c.last < s; });
  auto right = found == columns_.end() ? std::prev(columns_.end()) : found;
  auto left = right;
  sums.add(*right);
  // Outwards on both sides; the next columns to take are left - 1 and right + 1.
  while (sums.last - sums.first + 1 < atLeast) {
    const bool more = right + 1 != columns_.end();
    if (more) sums.add(*++right);
    if (left != columns_.begin())
      sums.add(*--left);
    else if (!more)
      break;
  }
  return sums;
}

}  // namespace dw::ui
