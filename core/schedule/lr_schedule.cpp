// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/lr_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dw::schedule {
namespace {

using std::numbers::pi;

/// Where the run stands after warm-up: 0 at its end, 1 at the planned end of training.
double progress(const LrSettings& s, double step, double total) {
  const auto warmup = static_cast<double>(s.warmup);
  return (step - warmup) / std::max(1.0, total - warmup);
}

/// A straight line from start to peak during warm-up, else the shape that follows.
template <typename Shape>
double afterWarmup(const LrSettings& s, double step, Shape shape) {
  if (step < static_cast<double>(s.warmup))
    return s.start + (s.peak - s.start) * (step / static_cast<double>(s.warmup));
  return shape();
}

double constant(const LrSettings& s, double step, double) {
  return afterWarmup(s, step, [&] { return s.peak; });
}

double linear(const LrSettings& s, double step, double total) {
  return afterWarmup(s, step,
                     [&] { return s.floor + (s.peak - s.floor) * std::max(0.0, 1.0 - progress(s, step, total)); });
}

/// Half a cosine from the peak to the floor (Loshchilov, Hutter, "SGDR", 2017, eq. 5, without restarts).
double cosine(const LrSettings& s, double step, double total) {
  return afterWarmup(
      s, step, [&] { return s.floor + (s.peak - s.floor) * 0.5 * (1.0 + std::cos(pi * progress(s, step, total))); });
}

/// `cycles` half cosines, each starting again at the peak (SGDR with equal periods); 0 from the end on.
double cosineRestarts(const LrSettings& s, double step, double total) {
  return afterWarmup(s, step, [&] {
    const double p = progress(s, step, total);
    if (p >= 1.0) return 0.0;
    return s.peak * 0.5 * (1.0 + std::cos(pi * std::fmod(s.cycles * p, 1.0)));
  });
}

/// Rise from peak / startDivisor to the peak, then fall to peak / (startDivisor * finalDivisor), both as half cosines
/// (Smith, Topin, "Super-Convergence", 2018). The first update has the lowest rising rate, update total-1 the last one.
double oneCycle(const LrSettings& s, double step, double total) {
  const double first = s.peak / s.startDivisor;
  const double last = first / s.finalDivisor;
  const double top = (s.warmup > 0 ? static_cast<double>(s.warmup) : s.risingShare * total) - 1.0;
  const auto blend = [](double from, double to, double part) {
    return to + (from - to) / 2.0 * (1.0 + std::cos(pi * part));
  };
  if (step <= top) return top > 0.0 ? blend(first, s.peak, step / top) : s.peak;
  return blend(s.peak, last, (step - top) / std::max(1.0, total - 1.0 - top));
}

double polynomial(const LrSettings& s, double step, double total) {
  return afterWarmup(s, step, [&] {
    if (step > total) return s.end;
    return s.end + (s.peak - s.end) * std::pow(std::max(0.0, 1.0 - progress(s, step, total)), s.power);
  });
}

using Formula = double (*)(const LrSettings&, double step, double total);

Formula formulaOf(config::LrKind kind) {
  using Kind = config::LrKind;
  switch (kind) {
    case Kind::Constant: return constant;
    case Kind::Linear: return linear;
    case Kind::Cosine: return cosine;
    case Kind::CosineRestarts: return cosineRestarts;
    case Kind::OneCycle: return oneCycle;
    case Kind::Polynomial: return polynomial;
  }
  config::throwNoSuchChoice();
}

}  // namespace

bool hasLastRate(config::LrKind kind) {
  using Kind = config::LrKind;
  switch (kind) {
    case Kind::Linear:
    case Kind::Cosine:
    case Kind::Polynomial: return true;
    case Kind::Constant:
    case Kind::CosineRestarts:
    case Kind::OneCycle: return false;
  }
  config::throwNoSuchChoice();
}

LrSettings lrSettings(const config::LiveSettings& live) {
  const auto& shape = live.shape;
  return {.kind = shape.kind,
          .peak = live.lr,
          .warmup = shape.warmup,
          .cycles = shape.cycles,
          .power = shape.power,
          .end = shape.end,
          .risingShare = shape.risingShare,
          .startDivisor = shape.startDivisor,
          .finalDivisor = shape.finalDivisor,
          .start = shape.start,
          .floor = hasLastRate(shape.kind) ? shape.end : 0.0};
}

Problems validateLr(const LrSettings& settings) {
  Problems problems;
  if (settings.warmup < 0) {
    problems.push_back({.field = "optim.warmup",
                        .sentence = "optim.warmup is " + std::to_string(settings.warmup) +
                                    ", but a number of updates cannot be negative",
                        .remedy = "use 0 for no warm-up",
                        .fix = "0"});
  }
  if (!(settings.peak > 0.0) || !std::isfinite(settings.peak)) {
    problems.push_back({.field = "optim.lr",
                        .sentence = "the learning rate must be a number above 0",
                        .remedy = "use 1e-4",
                        .fix = "1e-4"});
  }
  const auto demand = [&](bool good, const char* field, const char* sentence, const char* fix) {
    if (!good)
      problems.push_back({.field = field, .sentence = sentence, .remedy = std::string("use ") + fix, .fix = fix});
  };
  const auto rate = [](double value) { return value >= 0.0 && value <= 10.0; };  // false for NaN too
  demand(rate(settings.start), "shape.start", "the first rate must be a number from 0 to 10", "0");
  demand(rate(settings.end) && rate(settings.floor), "shape.end", "the last rate must be a number from 0 to 10", "0");
  demand(settings.power > 0.0 && settings.power <= 100.0, "shape.power",
         "the power must be a number above 0, at most 100", "1");
  demand(settings.cycles > 0.0 && settings.cycles <= 1e6, "shape.cycles", "the number of cycles must be above 0", "1");
  demand(settings.risingShare >= 0.0 && settings.risingShare < 1.0, "shape.rising_share",
         "the rising share must be a number from 0 to below 1", "0.3");
  demand(settings.startDivisor >= 1.0 && settings.startDivisor <= 1e12, "shape.start_divisor",
         "the divisor of the first rate must be at least 1", "25");
  demand(settings.finalDivisor >= 1.0 && settings.finalDivisor <= 1e12, "shape.final_divisor",
         "the divisor of the last rate must be at least 1", "10000");
  return problems;
}

double learningRateFormula(const LrSettings& settings, std::int64_t step, std::int64_t total) {
  return formulaOf(settings.kind)(settings, static_cast<double>(step), static_cast<double>(total));
}

double learningRate(const LrSettings& settings, std::int64_t step, std::int64_t total) {
  const std::int64_t last = std::max<std::int64_t>(total - 1, 0);
  return learningRateFormula(settings, std::clamp<std::int64_t>(step, 0, last), total);
}

double learningRate(const config::LiveSettings& live, std::int64_t step) {
  const auto from = live.shape.from;
  return learningRate(lrSettings(live), step - from, live.totalSteps - from);
}

std::vector<RatePoint> ratesAhead(const config::LiveSettings& live, std::int64_t done, std::size_t most) {
  const auto left = live.totalSteps - done;
  if (left <= 0) return {};
  const auto count = std::min<std::int64_t>(left, static_cast<std::int64_t>(std::max<std::size_t>(most, 2)));
  std::vector<RatePoint> points;
  points.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    // In floating point: left * i may exceed 64 bits for absurd totals.
    const auto ahead =
        count == 1 ? 0
                   : static_cast<std::int64_t>(std::llround(static_cast<double>(left - 1) * static_cast<double>(i) /
                                                            static_cast<double>(count - 1)));
    const auto update = done + ahead;
    points.push_back({.step = update + 1, .rate = learningRate(live, update)});
  }
  return points;
}

}  // namespace dw::schedule
