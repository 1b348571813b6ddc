// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QTest>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "diffusion/flow_matching.h"
#include "diffusion/loss_history.h"
#include "diffusion/loss_weight.h"
#include "diffusion/objective.h"

using namespace dw::diffusion;
using dw::config::LossWeight;
using dw::config::ScheduleKind;
using dw::config::TimestepKind;

namespace {

at::Generator generator(std::uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }
at::Tensor samples(std::uint64_t seed) { return at::randn({6, 2, 3, 3}, generator(seed), at::kDouble); }

dw::schedule::NoiseSchedule schedule(ScheduleKind kind = ScheduleKind::Linear) {
  return dw::schedule::makeNoiseSchedule({.kind = kind});
}

Objective objective(Target target, LossWeight weight = LossWeight::None, ScheduleKind kind = ScheduleKind::Linear) {
  return {schedule(kind), {.target = target, .lossWeight = weight}, at::kCPU, at::kDouble};
}

const at::Tensor& timesteps() {
  static const auto t = at::tensor({0, 1, 250, 500, 998, 999}, at::kLong);
  return t;
}

/// Fills every bin: losses 3 in the upper half, 1 in the lower one.
LossHistory filled() {
  LossHistory history(1000);
  for (std::int64_t bin = 0; bin < history.bins(); ++bin) {
    for (std::int64_t i = 0; i < LossHistory::kKept; ++i)
      history.add((static_cast<double>(bin) + 0.5) / 100.0, bin < 50 ? 1.0 : 3.0);
  }
  return history;
}

}  // namespace

class TestObjective : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void targetsAreWhatTheySay();
  void flowAsksAlongThePath();
  void weightsFollowTheTable();
  void impossiblePairsAreRefused();
  void uniformIsAsBefore();
  void logitNormalPrefersTheMiddle();
  void shiftMovesTowardsNoise();
  void importanceDrawsWhereLossesAreLarge();
  void importanceStaysUnbiased();
  void historyIsState();
  void damagedHistoryIsRefused();
};

void TestObjective::targetsAreWhatTheySay() {
  const auto x0 = samples(1), eps = samples(2);
  const TimestepDraw draw{.t = timesteps()};
  const auto xT = objective(Target::Eps).pairAt(x0, eps, draw).xT;
  for (const auto target : {Target::Eps, Target::X0, Target::V}) {
    const auto pair = objective(target).pairAt(x0, eps, draw);
    QVERIFY(at::equal(pair.xT, xT));
    QVERIFY(!pair.weight.defined());
    for (std::int64_t i = 0; i < 6; ++i) {
      const double alphaBar = schedule().alphaBar[static_cast<std::size_t>(timesteps()[i].item<std::int64_t>())];
      const Level level{std::sqrt(alphaBar), std::sqrt(1.0 - alphaBar)};
      const auto wanted = targetOf(target, {.x0 = x0[i], .eps = eps[i]}, level);
      QVERIFY(at::allclose(pair.target[i], wanted, 1e-9, 1e-9));
      QVERIFY(std::abs(pair.time[i].item<double>() - timesteps()[i].item<double>() / 1000.0) < 1e-12);
    }
  }
}

void TestObjective::flowAsksAlongThePath() {
  const auto x0 = samples(1), eps = samples(2);
  const auto time = at::tensor({0.0, 0.1, 0.3, 0.5, 0.9, 1.0}, at::kDouble);
  const auto pair = objective(Target::Flow).pairAt(x0, eps, {.t = timesteps(), .time = time});
  QVERIFY(at::equal(pair.time, time));
  QVERIFY(at::equal(pair.target, eps - x0));
  QVERIFY(at::allclose(pair.xT[0], x0[0]) && at::allclose(pair.xT[5], eps[5]));
  QVERIFY(at::allclose(pair.xT[3], (x0[3] + eps[3]) / 2));
  const auto whole = objective(Target::Flow).pairAt(x0, eps, {.t = timesteps()});  // as validation asks
  QVERIFY(at::allclose(whole.time, (timesteps().to(at::kDouble) + 0.5) / 1000.0));
}

void TestObjective::weightsFollowTheTable() {
  const auto x0 = samples(1), eps = samples(2);
  const auto snr = schedule().snr;
  const std::vector<std::pair<Target, std::vector<double>>> tables{
      {Target::Eps, minSnrEpsilon(snr, 5.0)}, {Target::X0, minSnrX0(snr, 5.0)}, {Target::V, minSnrVelocity(snr, 5.0)}};
  for (const auto& [target, table] : tables) {
    const auto weight = objective(target, LossWeight::MinSnr).pairAt(x0, eps, {.t = timesteps()}).weight;
    for (std::int64_t i = 0; i < 6; ++i) {
      QCOMPARE(weight[i].item<double>(), table[static_cast<std::size_t>(timesteps()[i].item<std::int64_t>())]);
    }
  }
  // A timestep that is drawn twice as often counts half, on top of its own weight.
  const auto drawn = at::full({6}, 0.5, at::kDouble);
  const auto both =
      objective(Target::Eps, LossWeight::Debiased).pairAt(x0, eps, {.t = timesteps(), .weight = drawn}).weight;
  QCOMPARE(both[2].item<double>(), 0.5 * debiasedEpsilon(snr)[250]);
}

void TestObjective::impossiblePairsAreRefused() {
  QVERIFY_THROWS_EXCEPTION(dw::Error, objective(Target::Eps, LossWeight::None, ScheduleKind::LinearZeroSnr));
  objective(Target::V, LossWeight::MinSnr, ScheduleKind::LinearZeroSnr);
  QVERIFY_THROWS_EXCEPTION(dw::Error, objective(Target::Flow, LossWeight::MinSnr));
  QVERIFY_THROWS_EXCEPTION(dw::Error, objective(Target::V, LossWeight::Debiased));
}

void TestObjective::uniformIsAsBefore() {
  const TimestepSampler sampler({.kind = TimestepKind::Uniform, .steps = 1000});
  const auto draw = sampler.draw(64, generator(3));
  QVERIFY(at::equal(draw.t, uniformTimesteps(64, 1000, generator(3))));
  QVERIFY(!draw.time.defined() && !draw.weight.defined());
}

void TestObjective::logitNormalPrefersTheMiddle() {
  const TimestepSampler sampler({.kind = TimestepKind::LogitNormal, .steps = 1000});
  const auto t = sampler.draw(20000, generator(4)).t;
  QVERIFY(t.min().item<std::int64_t>() >= 0 && t.max().item<std::int64_t>() <= 999);
  // Between sigmoid(-1) = 0.269 and sigmoid(1) = 0.731 lie 68.3 % of a normal number; of an even one 46.2 %.
  const double inside = t.ge(269).logical_and(t.lt(731)).to(at::kDouble).mean().item<double>();
  QVERIFY(std::abs(inside - 0.683) < 0.015);
}

void TestObjective::shiftMovesTowardsNoise() {
  const TimestepSampler even({.kind = TimestepKind::Uniform, .steps = 1000, .continuous = true});
  const TimestepSampler shifted({.kind = TimestepKind::Uniform, .steps = 1000, .continuous = true, .shift = 3.0});
  const auto a = even.draw(1000, generator(5)), b = shifted.draw(1000, generator(5));
  QVERIFY(at::allclose(b.time, 3.0 * a.time / (1.0 + 2.0 * a.time)));
  QVERIFY(at::equal(b.t, (b.time * 1000).floor().to(at::kLong)));
  QVERIFY(std::abs(shiftedTime(shiftedTime(0.3, 3.0), 1.0 / 3.0) - 0.3) < 1e-12);
}

void TestObjective::importanceDrawsWhereLossesAreLarge() {
  TimestepSampler sampler({.kind = TimestepKind::Importance, .steps = 1000});
  const auto before = sampler.draw(20000, generator(6));
  QVERIFY(at::allclose(before.weight, at::ones({20000}, at::kDouble)));  // nothing measured yet: even
  sampler.setHistory(filled());
  const auto after = sampler.draw(20000, generator(6));
  QVERIFY(std::abs(after.t.ge(500).to(at::kDouble).mean().item<double>() - 0.75) < 0.015);
}

void TestObjective::importanceStaysUnbiased() {
  TimestepSampler sampler({.kind = TimestepKind::Importance, .steps = 1000});
  sampler.setHistory(filled());
  const auto draw = sampler.draw(50000, generator(7));
  const auto loss = at::where(draw.t.ge(500), at::full({}, 3.0, at::kDouble), at::full({}, 1.0, at::kDouble));
  QVERIFY(std::abs((loss * draw.weight).mean().item<double>() - 2.0) < 0.02);
}

void TestObjective::historyIsState() {
  TimestepSampler a({.kind = TimestepKind::Importance, .steps = 1000}),
      b({.kind = TimestepKind::Importance, .steps = 1000});
  std::vector<std::int64_t> t(1000);
  std::iota(t.begin(), t.end(), 0);
  std::vector<double> losses;
  for (const auto step : t) losses.push_back(0.1 + static_cast<double>(step) / 1000.0);
  for (int i = 0; i < 3; ++i) a.learn(t, losses);
  b.setHistory({1000, a.history()->losses(), a.history()->counts()});
  QVERIFY(at::equal(a.draw(100, generator(8)).t, b.draw(100, generator(8)).t));
  a.learn(t, losses);
  b.learn(t, losses);
  QVERIFY(*a.history() == *b.history());
  QVERIFY(a.history()->chances().back() > 3.0 * a.history()->chances().front());
}

void TestObjective::damagedHistoryIsRefused() {
  const auto good = filled();
  QVERIFY_THROWS_EXCEPTION(dw::Error, LossHistory(1000, {1.0}, {1}));
  QVERIFY_THROWS_EXCEPTION(dw::Error, LossHistory(50, good.losses(), good.counts()));
  auto bad = good.losses();
  bad[3] = std::nan("");
  QVERIFY_THROWS_EXCEPTION(dw::Error, LossHistory(1000, bad, good.counts()));
  bad[3] = 1e200;  // no float32, and its square is no number
  QVERIFY_THROWS_EXCEPTION(dw::Error, LossHistory(1000, bad, good.counts()));
  LossHistory one(1);
  QCOMPARE(one.chances(), std::vector<double>{1.0});
}

QTEST_APPLESS_MAIN(TestObjective)
#include "tst_objective.moc"
