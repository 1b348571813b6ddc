// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dw::ui {

struct PlotPoint {
  double x = 0.0, y = 0.0;
  bool operator==(const PlotPoint&) const = default;
};

/// A curve that only grows, with its exact extremes at every scale: blocks of 64, 4096, ... points know where their least
/// and greatest value stand. So a view of a million points is decimated by looking at a few hundred blocks, and a pixel
/// column shows exactly what all its points together would have painted.
class MinMaxSeries {
 public:
  struct Extremes {
    std::size_t min = 0, max = 0;  ///< indices
  };

  void clear();
  void reserve(std::size_t count);
  /// x must not be below the last one.
  void append(double x, double y);

  std::size_t size() const noexcept { return x_.size(); }
  bool empty() const noexcept { return x_.empty(); }
  double x(std::size_t i) const { return x_[i]; }
  double y(std::size_t i) const { return y_[i]; }
  /// Index of the first point with x not below the given one; size() if there is none.
  std::size_t lowerBound(double x) const;
  /// Index of the point nearest in x. The series must not be empty.
  std::size_t nearest(double x) const;

  /// Where the least and the greatest y of points [first, last) stand. first < last <= size().
  Extremes extremes(std::size_t first, std::size_t last) const;

  struct Outside {
    std::size_t below = 0, above = 0;
  };
  /// How many of the points [first, last) lie below `low` and above `high`.
  Outside countOutside(std::size_t first, std::size_t last, double low, double high) const;

  /// The points that draw the curve between edges.front() and edges.back() as all of them would. Edges are the ascending
  /// x values between pixel columns. Of each column: its first, least, greatest and last point (M4; Jugel et al., "M4: a
  /// visualization-oriented time series data aggregation", VLDB 2014), and one point beyond each end.
  std::vector<PlotPoint> decimate(std::span<const double> edges) const;

  /// Index of the first point of each column, and of the first one after the last column: as many as there are edges. Series
  /// that stand at the same x share it.
  std::vector<std::size_t> columns(std::span<const double> edges) const;
  /// decimate() over the columns() of a series with the same x.
  std::vector<PlotPoint> decimateColumns(std::span<const std::size_t> bounds) const;

 private:
  static constexpr std::size_t kFan = 64;
  struct Block {
    std::uint32_t min, max;
  };

  std::vector<double> x_, y_;
  std::vector<std::vector<Block>> levels_;  // levels_[k][i]: points [i * 64^(k+1), (i+1) * 64^(k+1))
};

}  // namespace dw::ui
