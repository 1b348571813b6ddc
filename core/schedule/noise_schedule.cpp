// SPDX-License-Identifier: GPL-3.0-or-later
#include "schedule/noise_schedule.h"

#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "schedule/beta_kinds.h"
#include "schedule/custom_curve.h"

namespace dw::schedule {
namespace {

std::string text(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

constexpr double kMaxShift = 1000.0;

void checkBeta(Problems& problems, const std::string& field, double value, const std::string& usual) {
  if (value > 0.0 && value < 1.0) return;
  problems.push_back(
      {.field = field,
       .sentence = field + " is " + text(value) + ", but a variance that a step adds lies between 0 and 1",
       .remedy = "use " + usual,
       .fix = usual});
}

void checkSteps(Problems& problems, const config::ScheduleSettings& settings, bool zeroTerminalSnr) {
  const std::int64_t least = zeroTerminalSnr ? 2 : 1;
  if (settings.steps >= least && settings.steps <= kMaxSteps) return;
  problems.push_back({.field = "schedule.steps",
                      .sentence = "schedule.steps is " + std::to_string(settings.steps) + ", but it must be between " +
                                  std::to_string(least) + " and " + std::to_string(kMaxSteps),
                      .remedy = "use 1000, as most papers do",
                      .fix = "1000"});
}

}  // namespace

Problems validate(const config::ScheduleSettings& settings) {
  Problems problems;
  const auto kind = betaKind(settings.kind);
  checkSteps(problems, settings, kind.zeroTerminalSnr);
  if (kind.usesPoints) checkCurve(problems, settings.points);
  if (kind.usesShift && !(settings.shift > 0.0 && settings.shift <= kMaxShift)) {
    problems.push_back({.field = "schedule.shift",
                        .sentence = "schedule.shift is " + text(settings.shift) +
                                    ", but it must be above 0 and at most " + text(kMaxShift),
                        .remedy = "use 1, which spaces the path evenly",
                        .fix = "1"});
  }
  if (!kind.usesRange) return problems;
  checkBeta(problems, "schedule.beta_min", settings.betaMin, "0.0001");
  checkBeta(problems, "schedule.beta_max", settings.betaMax, "0.02");
  if (problems.empty() && settings.betaMin > settings.betaMax) {
    problems.push_back({.field = "schedule.beta_min",
                        .sentence = "schedule.beta_min " + text(settings.betaMin) + " is above schedule.beta_max " +
                                    text(settings.betaMax) + ", so the noise would shrink from step to step",
                        .remedy = "swap the two, or use 0.0001 and 0.02",
                        .fix = text(settings.betaMax)});
  }
  return problems;
}

NoiseSchedule makeNoiseSchedule(const config::ScheduleSettings& settings) {
  const Problems problems = validate(settings);
  if (!problems.empty()) throw Error(ErrorKind::Usage, problems.front().sentence, problems.front().remedy);
  const auto kind = betaKind(settings.kind);
  auto betas = kind.betas(settings);
  if (kind.zeroTerminalSnr) betas = rescaleToZeroTerminalSnr(betas);
  auto tables = tablesFromBetas(std::move(betas));
  if (kind.noisesInFloat32) tables.forwardAlphaBar = forwardAlphaBarInFloat32(tables.betas);
  return tables;
}

std::vector<double> forwardAlphaBarInFloat32(const std::vector<double>& betas) {
  std::vector<double> result;
  result.reserve(betas.size());
  double product = 1.0;
  for (const double beta : betas) {
    product *= static_cast<double>(1.0F - static_cast<float>(beta));
    result.push_back(static_cast<double>(static_cast<float>(product)));
  }
  return result;
}

NoiseSchedule tablesFromBetas(std::vector<double> betas) {
  NoiseSchedule s;
  double previous = 1.0;  // alphaBar_{t-1}; 1 before the first step
  for (const double beta : betas) {
    const double alpha = 1.0 - beta;
    const double alphaBar = previous * alpha;
    const double noise = 1.0 - alphaBar;
    s.alphas.push_back(alpha);
    s.alphaBar.push_back(alphaBar);
    s.sqrtAlphaBar.push_back(std::sqrt(alphaBar));
    s.sigma.push_back(std::sqrt(noise));
    s.sigmaEdm.push_back(alphaBar > 0.0 ? std::sqrt(noise / alphaBar) : std::numeric_limits<double>::infinity());
    s.snr.push_back(alphaBar / noise);
    s.posteriorVariance.push_back(beta * (1.0 - previous) / noise);
    s.posteriorMeanCoefX0.push_back(std::sqrt(previous) * beta / noise);
    s.posteriorMeanCoefXt.push_back(std::sqrt(alpha) * (1.0 - previous) / noise);
    previous = alphaBar;
  }
  s.forwardAlphaBar = s.alphaBar;
  s.betas = std::move(betas);
  return s;
}

std::vector<double> rescaleToZeroTerminalSnr(const std::vector<double>& betas) {
  const auto roots = tablesFromBetas(betas).sqrtAlphaBar;
  const double first = roots.front();
  const double last = roots.back();
  std::vector<double> rescaled;
  rescaled.reserve(betas.size());
  double previous = 1.0;
  for (const double root : roots) {
    const double stretched = (root - last) * first / (first - last);
    const double alphaBar = stretched * stretched;
    rescaled.push_back(previous > 0.0 ? 1.0 - alphaBar / previous : 1.0);  // a million steps reach 0 before the end
    previous = alphaBar;
  }
  return rescaled;
}

bool endsAtPureNoise(const NoiseSchedule& schedule) {
  return !schedule.alphaBar.empty() && schedule.alphaBar.back() == 0.0;
}

}  // namespace dw::schedule
