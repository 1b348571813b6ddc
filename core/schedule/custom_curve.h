// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"

namespace dw::schedule {

/// A point of a curve drawn by hand.
struct CurvePoint {
  double share = 0.0;     ///< of T, 0..1
  double alphaBar = 1.0;  ///< how much of x_0's variance is left there, 0..1
  bool operator==(const CurvePoint&) const = default;
};

/// "0:0.9999,0.5:0.5,1:0.0001" and back; empty if the text is no such list.
std::vector<CurvePoint> parseCurve(const std::string& text);
std::string curveText(const std::vector<CurvePoint>& points);

/// What is wrong with a curve, at "schedule.points": no list, too few points, shares that do not rise from 0 to 1, values
/// outside [0, 1) or that do not fall throughout.
Problems validateCurve(const std::vector<CurvePoint>& points);
void checkCurve(Problems& problems, const std::string& text);

/// alphaBar at t = 0..steps-1 (share t / (steps - 1)) along the smooth curve through the points that never turns: cubic
/// pieces with limited slopes (Fritsch, Carlson, "Monotone Piecewise Cubic Interpolation", 1980). The points must be valid.
std::vector<double> customAlphaBar(const std::vector<CurvePoint>& points, std::int64_t steps);

}  // namespace dw::schedule
