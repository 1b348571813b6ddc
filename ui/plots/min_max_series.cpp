// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/min_max_series.h"

#include <algorithm>
#include <array>

namespace dw::ui {

void MinMaxSeries::clear() {
  x_.clear();
  y_.clear();
  levels_.clear();
}

void MinMaxSeries::reserve(std::size_t count) {
  x_.reserve(count);
  y_.reserve(count);
}

void MinMaxSeries::append(double x, double y) {
  const std::size_t i = x_.size();
  const auto index = static_cast<std::uint32_t>(i);
  x_.push_back(x);
  y_.push_back(y);
  std::size_t span = kFan;
  for (std::size_t level = 0; level == 0 || i >= span / kFan; ++level, span *= kFan) {
    if (levels_.size() == level) levels_.emplace_back();
    auto& blocks = levels_[level];
    if (i % span == 0) {
      blocks.push_back({index, index});
      continue;
    }
    // A level that begins late takes over what the level under it knows about its first points.
    if (blocks.empty()) blocks.push_back(levels_[level - 1].front());
    auto& block = blocks.back();
    if (y < y_[block.min]) block.min = index;
    if (y > y_[block.max]) block.max = index;
  }
}

std::size_t MinMaxSeries::lowerBound(double x) const {
  return static_cast<std::size_t>(std::lower_bound(x_.begin(), x_.end(), x) - x_.begin());
}

std::size_t MinMaxSeries::nearest(double x) const {
  const std::size_t right = std::min(lowerBound(x), size() - 1);
  if (right == 0) return 0;
  return x - x_[right - 1] <= x_[right] - x ? right - 1 : right;
}

MinMaxSeries::Extremes MinMaxSeries::extremes(std::size_t first, std::size_t last) const {
  Extremes best{first, first};
  const auto take = [&](std::size_t min, std::size_t max) {
    if (y_[min] < y_[best.min]) best.min = min;
    if (y_[max] > y_[best.max]) best.max = max;
  };
  for (std::size_t i = first; i < last;) {
    // The largest block that starts at i and ends by `last`.
    std::size_t span = 1;
    std::size_t level = 0;
    while (level < levels_.size() && i % (span * kFan) == 0 && i + span * kFan <= last) {
      span *= kFan;
      ++level;
    }
    if (level == 0) {
      take(i, i);
    } else {
      const auto& block = levels_[level - 1][i / span];
      take(block.min, block.max);
    }
    i += span;
  }
  return best;
}

MinMaxSeries::Outside MinMaxSeries::countOutside(std::size_t first, std::size_t last, double low, double high) const {
  Outside found;
  for (std::size_t i = first; i < last;) {
    std::size_t span = 1, level = 0;
    while (level < levels_.size() && i % (span * kFan) == 0 && i + span * kFan <= last) {
      span *= kFan;
      ++level;
    }
    // The largest block of which all points lie on the same side, or all inside.
    for (; level > 0; --level, span /= kFan) {
      const auto& block = levels_[level - 1][i / span];
      if (y_[block.min] > high || y_[block.max] < low || (y_[block.min] >= low && y_[block.max] <= high)) break;
    }
    if (y_[level > 0 ? levels_[level - 1][i / span].min : i] > high)
      found.above += span;
    else if (y_[level > 0 ? levels_[level - 1][i / span].max : i] < low)
      found.below += span;
    i += span;
  }
  return found;
}

std::vector<std::size_t> MinMaxSeries::columns(std::span<const double> edges) const {
  std::vector<std::size_t> bounds;
  bounds.reserve(edges.size());
  std::size_t at = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const double edge = edges[i];
    const bool closed = i > 0 && i + 1 == edges.size();  // the last column has its right edge as well
    const auto before = [&](std::size_t k) { return x_[k] < edge || (closed && x_[k] == edge); };
    // Columns are about equally full: the next bound is near, and found in a few leaps.
    std::size_t leap = 1, low = at;
    while (low + leap <= size() && before(low + leap - 1)) {
      low += leap;
      leap *= 2;
    }
    std::size_t high = std::min(low + leap, size());
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (before(middle))
        low = middle + 1;
      else
        high = middle;
    }
    bounds.push_back(at = low);
  }
  return bounds;
}

std::vector<PlotPoint> MinMaxSeries::decimate(std::span<const double> edges) const {
  return decimateColumns(columns(edges));
}

std::vector<PlotPoint> MinMaxSeries::decimateColumns(std::span<const std::size_t> bounds) const {
  std::vector<PlotPoint> out;
  if (empty() || bounds.size() < 2) return out;
  const auto put = [&](std::size_t i) { out.push_back({x_[i], y_[i]}); };
  out.reserve(4 * bounds.size());
  if (bounds.front() > 0) put(bounds.front() - 1);
  for (std::size_t column = 1; column < bounds.size(); ++column) {
    const auto begin = bounds[column - 1], end = bounds[column];
    if (end == begin) continue;
    const auto e = extremes(begin, end);
    std::array<std::size_t, 4> kept{begin, std::min(e.min, e.max), std::max(e.min, e.max), end - 1};
    for (std::size_t k = 0; k < kept.size(); ++k) {
      if (k == 0 || kept[k] != kept[k - 1]) put(kept[k]);
    }
  }
  if (bounds.back() < size()) put(bounds.back());
  return out;
}

}  // namespace dw::ui
