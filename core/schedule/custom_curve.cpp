// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/custom_curve.h"

#include <algorithm>
#include <cmath>

#include "config/field_text.h"

namespace dw::schedule {
namespace {

/// of a piece, one of a million timesteps: below it slopes leave the range of numbers
constexpr double kLeastWidth = 1e-6;
constexpr const char* kField = "schedule.points";
constexpr const char* kUsual = "0:0.9999,0.5:0.5,1:0.0001";

Problem wrong(const std::string& sentence, const std::string& remedy) {
  return {.field = kField, .severity = Severity::Error, .sentence = sentence, .remedy = remedy, .fix = kUsual};
}

std::string at(const CurvePoint& p) { return config::toText(p.share) + ":" + config::toText(p.alphaBar); }

/// Slopes at the points that keep each cubic piece monotone: the weighted harmonic mean of the neighbouring slopes.
std::vector<double> slopesOf(const std::vector<CurvePoint>& p) {
  const std::size_t last = p.size() - 1;
  std::vector<double> widths(last), secants(last), slopes(p.size());
  for (std::size_t i = 0; i < last; ++i) {
    widths[i] = p[i + 1].share - p[i].share;
    secants[i] = (p[i + 1].alphaBar - p[i].alphaBar) / widths[i];
  }
  slopes.front() = secants.front();
  slopes.back() = secants.back();
  for (std::size_t i = 1; i < last; ++i) {
    const double before = 2.0 * widths[i] + widths[i - 1], after = widths[i] + 2.0 * widths[i - 1];
    slopes[i] = (before + after) / (before / secants[i - 1] + after / secants[i]);
  }
  return slopes;
}

/// Cubic Hermite piece from (0, a) with slope da to (1, b) with slope db, at u.
double hermite(double a, double da, double b, double db, double u) {
  const double v = 1.0 - u;
  return v * v * (1.0 + 2.0 * u) * a + u * v * v * da + u * u * (3.0 - 2.0 * u) * b - u * u * v * db;
}

}  // namespace

std::vector<CurvePoint> parseCurve(const std::string& text) {
  std::vector<CurvePoint> points;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto colon = text.find(':', begin);
    CurvePoint point;
    const auto number = [&](std::size_t from, std::size_t to, double& value) {
      const auto first = text.find_first_not_of(' ', from);
      return first < to && config::fromText(text.substr(first, to - first), value);
    };
    if (colon >= end || !number(begin, colon, point.share) || !number(colon + 1, end, point.alphaBar)) return {};
    points.push_back(point);
    begin = end + 1;
  }
  return points;
}

std::string curveText(const std::vector<CurvePoint>& points) {
  std::string text;
  for (const auto& point : points) text += (text.empty() ? "" : ",") + at(point);
  return text;
}

Problems validateCurve(const std::vector<CurvePoint>& points) {
  if (points.size() < 2) {
    return {wrong("the curve of the schedule needs at least two points",
                  std::string("write share:value, share:value, such as ") + kUsual)};
  }
  if (points.front().share != 0.0 || points.back().share != 1.0) {
    return {wrong("the curve must run from share 0 to share 1 of T", "begin with a point at 0 and end with one at 1")};
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& p = points[i];
    if (!(p.alphaBar >= 0.0 && p.alphaBar < 1.0)) {
      return {wrong(
          "the point " + at(p) + " is outside: alpha-bar lies between 0 and 1, and is below 1 where there is noise",
          "use a value such as 0.9999")};
    }
    if (i > 0 && !(p.share > points[i - 1].share)) {
      return {wrong("the point " + at(p) + " does not lie after " + at(points[i - 1]),
                    "order the points by their share of T")};
    }
    if (i > 0 && p.share - points[i - 1].share < kLeastWidth) {
      return {wrong("the points " + at(points[i - 1]) + " and " + at(p) + " lie closer together than timesteps can",
                    "remove one of them")};
    }
    if (i > 0 && !(p.alphaBar < points[i - 1].alphaBar)) {
      return {wrong("the curve rises or rests between " + at(points[i - 1]) + " and " + at(p) +
                        ", but noise can only be added: alpha-bar must fall from point to point",
                    "lower the second value")};
    }
  }
  return {};
}

void checkCurve(Problems& problems, const std::string& text) {
  for (auto& problem : validateCurve(parseCurve(text))) problems.push_back(std::move(problem));
}

std::vector<double> customAlphaBar(const std::vector<CurvePoint>& points, std::int64_t steps) {
  const auto slopes = slopesOf(points);
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(steps));
  std::size_t piece = 0;
  for (std::int64_t t = 0; t < steps; ++t) {
    const double share = steps > 1 ? static_cast<double>(t) / static_cast<double>(steps - 1) : 0.0;
    while (piece + 2 < points.size() && share > points[piece + 1].share) ++piece;
    const auto &a = points[piece], &b = points[piece + 1];
    const double width = b.share - a.share;
    const double value =
        hermite(a.alphaBar, slopes[piece] * width, b.alphaBar, slopes[piece + 1] * width, (share - a.share) / width);
    values.push_back(std::clamp(value, b.alphaBar, a.alphaBar));
  }
  return values;
}

}  // namespace dw::schedule
