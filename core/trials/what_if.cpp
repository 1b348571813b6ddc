// SPDX-License-Identifier: GPL-3.0-or-later
#include "trials/what_if.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace dw::trials {
namespace {

constexpr double kForget = 0.9;
constexpr double kBlowsUp = 4.0;        ///< times the lowest smoothed loss
constexpr std::size_t kBlowsFrom = 10;  ///< steps: means of fewer jump by themselves

bool goesOn(const TrialObserver& observer, const std::string& what, double done) {
  return !observer.progress || observer.progress(what, done);
}

std::vector<double> smoothed(std::span<const double> losses) {
  std::vector<double> means;
  double sum = 0.0, weight = 0.0;
  for (const double loss : losses) {
    sum = kForget * sum + (1.0 - kForget) * loss;
    weight = kForget * weight + (1.0 - kForget);
    means.push_back(sum / weight);
  }
  return means;
}

double endLoss(const std::vector<messages::StepMetrics>& steps) {
  if (steps.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto count = std::max<std::size_t>(steps.size() / 4, 1);
  double sum = 0.0;
  for (std::size_t i = steps.size() - count; i < steps.size(); ++i) sum += steps[i].loss;
  return sum / static_cast<double>(count);
}

/// Trains until `count` steps are done, liveOf(i) gives the settings of the i-th; false: given up. A loss that is not finite ends it.
template <typename LiveOf, typename Done>
bool takeSteps(trainer::TrainingTask& task, std::int64_t count, std::string& failure, const LiveOf& liveOf,
               const Done& done) {
  try {
    for (std::int64_t i = 0; i < count; ++i) {
      if (!done(i, task.step(liveOf(i)))) return false;
    }
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::NotFinite) throw;
    failure = e.what();
  }
  return true;
}

}  // namespace

std::optional<std::size_t> WhatIf::best() const {
  const bool byValidation =
      std::any_of(branches.begin(), branches.end(), [](const auto& b) { return b.validation.has_value(); });
  std::optional<std::size_t> best;
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const double loss =
        byValidation ? branches[i].validation.value_or(std::numeric_limits<double>::quiet_NaN()) : branches[i].endLoss;
    if (!branches[i].failure.empty() || !(loss < lowest)) continue;
    lowest = loss;
    best = i;
  }
  return best;
}

WhatIf whatIf(const trainer::TaskFactory& makeTask, const TrialRequest& request, std::span<const double> rates,
              std::int64_t steps, const TrialObserver& observer) {
  for (const double rate : rates) {
    if (!std::isfinite(rate) || rate <= 0.0)
      throw Error(ErrorKind::Usage, "a learning rate must be a number above 0", "give rates such as 0.0001,0.0003");
  }
  if (rates.empty() || steps < 1)
    throw Error(ErrorKind::Usage, "a comparison needs at least one rate and one step",
                "give rates such as 0.0001,0.0003");
  WhatIf result;
  try {
    auto prepared = trialTask(request, observer.progress);
    auto live = trialSettings(prepared);
    const auto all = static_cast<double>(rates.size()) * static_cast<double>(steps);
    for (const double rate : rates) {
      const auto index = result.branches.size();
      const auto doneBefore = static_cast<double>(index) * static_cast<double>(steps);
      if (!goesOn(observer, "trying rates", doneBefore / all)) break;
      const auto task = makeTask(prepared);
      const auto facts = task->prepare();
      result.firstStep = facts.firstStep;
      prepared.recipe.train.threads = facts.threads;  // measured once
      auto& branch = result.branches.emplace_back(RateBranch{.rate = rate, .steps = {}});
      live.lr = rate;
      result.cancelled = !takeSteps(
          *task, steps, branch.failure, [&](std::int64_t) { return live; },
          [&](std::int64_t i, const messages::StepMetrics& step) {
            branch.steps.push_back(step);
            if (observer.step) observer.step(index, step);
            return goesOn(observer, "trying rates", (doneBefore + static_cast<double>(i + 1)) / all);
          });
      branch.endLoss = branch.failure.empty() ? endLoss(branch.steps) : std::numeric_limits<double>::quiet_NaN();
      if (result.cancelled) return result;
      if (!branch.failure.empty()) continue;
      if (const auto point = task->validate(
              [&] { return goesOn(observer, "trying rates", (doneBefore + static_cast<double>(steps)) / all); })) {
        branch.validation = point->loss;
      }
    }
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::Cancelled) throw;
    result.cancelled = true;
  }
  result.cancelled = result.cancelled || result.branches.size() < rates.size();
  return result;
}

double sweptRate(double lowest, double highest, std::int64_t i, std::int64_t n) {
  if (n < 2) return lowest;
  return lowest * std::pow(highest / lowest, static_cast<double>(i) / static_cast<double>(n - 1));
}

std::optional<double> suggestRate(std::span<const double> rates, std::span<const double> losses) {
  constexpr std::size_t kReach = 3;  ///< steps to either side of a slope
  const auto count = std::min(rates.size(), losses.size());
  const auto means = smoothed(losses.first(count));
  // The first means are of a few losses only.
  if (count < kBlowsFrom + 2 * kReach) return std::nullopt;
  const auto lowest =
      static_cast<std::size_t>(std::min_element(means.begin() + kBlowsFrom, means.end()) - means.begin());
  std::optional<double> best;
  double steepest = 0.0;
  for (std::size_t i = kBlowsFrom; i + kReach <= lowest; ++i) {
    const double slope = (means[i + kReach] - means[i - kReach]) / std::log(rates[i + kReach] / rates[i - kReach]);
    if (!(slope < steepest)) continue;
    steepest = slope;
    best = rates[i];
  }
  return best;
}

RangeTest rangeTest(const trainer::TaskFactory& makeTask, const TrialRequest& request, double lowest, double highest,
                    std::int64_t steps, const TrialObserver& observer) {
  if (!std::isfinite(lowest) || !std::isfinite(highest) || lowest <= 0.0 || highest <= lowest || steps < 2) {
    throw Error(ErrorKind::Usage, "the range of rates must begin above 0 and rise, over at least 2 steps",
                "give a range such as 0.000001 to 0.1");
  }
  RangeTest result;
  std::vector<double> rates, losses;
  try {
    auto prepared = trialTask(request, observer.progress);
    prepared.recipe.validation.every = 0;
    auto live = trialSettings(prepared);
    live.shape = {};  // the rate is what is given here
    const auto task = makeTask(std::move(prepared));
    task->prepare();
    std::string failure;
    double best = std::numeric_limits<double>::infinity();
    const auto done = [&](std::int64_t i, const messages::StepMetrics& step) {
      result.steps.push_back(step);
      rates.push_back(live.lr);
      losses.push_back(step.loss);
      if (observer.step) observer.step(0, step);
      if (losses.size() >= kBlowsFrom) {
        const double mean = smoothed(losses).back();
        best = std::min(best, mean);
        result.blewUp = mean > kBlowsUp * best;
      }
      result.cancelled = !goesOn(observer, "raising the rate", static_cast<double>(i + 1) / static_cast<double>(steps));
      return !result.blewUp && !result.cancelled;
    };
    takeSteps(
        *task, steps, failure,
        [&](std::int64_t i) {
          live.lr = sweptRate(lowest, highest, i, steps);
          return live;
        },
        done);
    result.blewUp = result.blewUp || !failure.empty();
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::Cancelled) throw;
    result.cancelled = true;
  }
  result.suggested = suggestRate(rates, losses);
  return result;
}

}  // namespace dw::trials
