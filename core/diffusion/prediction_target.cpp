// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/prediction_target.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "config/recipe_fields.h"

namespace dw::diffusion {
namespace {

/// Shares of x_0 and eps in a target.
struct Shares {
  double x0, eps;
};

double length(const Level& level) { return std::hypot(level.signal, level.noise); }

struct Row {
  Target target;
  const char* name;
  Shares (*shares)(const Level&);
  double (*inputFactor)(const Level&);
};

double unitVariance(const Level& level) { return 1.0 / length(level); }

constexpr std::array kRows{
    Row{Target::Eps, "eps", [](const Level&) { return Shares{0.0, 1.0}; }, unitVariance},
    Row{Target::X0, "x0", [](const Level&) { return Shares{1.0, 0.0}; }, unitVariance},
    Row{Target::V, "v",
        [](const Level& level) { return Shares{-level.noise / length(level), level.signal / length(level)}; }, unitVariance},
    Row{Target::Flow, "flow", [](const Level&) { return Shares{-1.0, 1.0}; },
        [](const Level& level) { return 1.0 / (level.signal + level.noise); }},
};

const Row& rowOf(Target target) { return *std::ranges::find(kRows, target, &Row::target); }

/// p x + q y without touching what has no share.
at::Tensor combine(double p, const at::Tensor& x, double q, const at::Tensor& y) {
  if (p == 0.0) return q == 1.0 ? y : y * q;
  if (q == 0.0) return p == 1.0 ? x : x * p;
  return (x * p).add_(y, q);
}

}  // namespace

std::vector<std::string> targetNames() {
  std::vector<std::string> names;
  for (const auto& row : kRows) names.emplace_back(row.name);
  return names;
}

Target targetFrom(const std::string& name) {
  for (const auto& row : kRows) {
    if (name == row.name) return row.target;
  }
  throw Error(ErrorKind::Usage, "a model cannot predict '" + name + "'",
              "did you mean " + config::nearestName(name, targetNames()) + "?");
}

double inputFactor(Target target, const Level& level) {
  const double factor = rowOf(target).inputFactor(level);
  return std::abs(factor - 1.0) < 1e-12 ? 1.0 : factor;
}

Pair partsOf(Target target, const at::Tensor& x, const at::Tensor& output, const Level& level) {
  const auto [a, b] = rowOf(target).shares(level);
  const double determinant = level.signal * b - level.noise * a;
  return {.x0 = combine(b / determinant, x, -level.noise / determinant, output),
          .eps = combine(-a / determinant, x, level.signal / determinant, output)};
}

at::Tensor targetOf(Target target, const Pair& parts, const Level& level) {
  const auto [a, b] = rowOf(target).shares(level);
  return combine(a, parts.x0, b, parts.eps);
}

at::Tensor convert(Target from, Target to, const at::Tensor& x, const at::Tensor& output, const Level& level) {
  return targetOf(to, partsOf(from, x, output, level), level);
}

}  // namespace dw::diffusion
