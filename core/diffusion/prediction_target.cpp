// SPDX-License-Identifier: GPL-3.0-or-later
#include "diffusion/prediction_target.h"

#include <cmath>

namespace dw::diffusion {
namespace {

/// Shares of x_0 and eps in a target.
struct Shares {
  double x0, eps;
};

double length(const Level& level) { return std::hypot(level.signal, level.noise); }

Shares sharesOf(Target target, const Level& level) {
  switch (target) {
    case Target::Eps: return {0.0, 1.0};
    case Target::X0: return {1.0, 0.0};
    case Target::V: return {-level.noise / length(level), level.signal / length(level)};
    case Target::Flow: return {-1.0, 1.0};
  }
  config::throwNoSuchChoice();
}

/// Before what is as good as 1 is made 1.
double exactInputFactor(Target target, const Level& level) {
  switch (target) {
    case Target::Eps:
    case Target::X0:
    case Target::V: return 1.0 / length(level);
    case Target::Flow: return 1.0 / (level.signal + level.noise);
  }
  config::throwNoSuchChoice();
}

/// p x + q y without touching what has no share.
at::Tensor combine(double p, const at::Tensor& x, double q, const at::Tensor& y) {
  if (p == 0.0) return q == 1.0 ? y : y * q;
  if (q == 0.0) return p == 1.0 ? x : x * p;
  return (x * p).add_(y, q);
}

}  // namespace

double inputFactor(Target target, const Level& level) {
  const double factor = exactInputFactor(target, level);
  return std::abs(factor - 1.0) < 1e-12 ? 1.0 : factor;
}

Pair partsOf(Target target, const at::Tensor& x, const at::Tensor& output, const Level& level) {
  const auto [a, b] = sharesOf(target, level);
  const double determinant = level.signal * b - level.noise * a;
  return {.x0 = combine(b / determinant, x, -level.noise / determinant, output),
          .eps = combine(-a / determinant, x, level.signal / determinant, output)};
}

at::Tensor targetOf(Target target, const Pair& parts, const Level& level) {
  const auto [a, b] = sharesOf(target, level);
  return combine(a, parts.x0, b, parts.eps);
}

at::Tensor convert(Target from, Target to, const at::Tensor& x, const at::Tensor& output, const Level& level) {
  return targetOf(to, partsOf(from, x, output, level), level);
}

}  // namespace dw::diffusion
