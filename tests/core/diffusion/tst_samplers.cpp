// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: sampling_loop, sigma_path, spacing
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QTest>

#include <cmath>
#include <vector>

#include "base/error.h"
#include "diffusion/samplers/sampling_loop.h"
#include "diffusion/samplers/sigma_path.h"
#include "diffusion/samplers/spacing.h"

using namespace dw::diffusion;
using dw::config::SamplerKind;

namespace {

constexpr double kDeviation = 0.5;  ///< of the data that the exact model knows

const dw::schedule::NoiseSchedule& schedule() {
  static const auto made = dw::schedule::makeNoiseSchedule({.kind = dw::config::ScheduleKind::Linear});
  return made;
}

at::Tensor noise(std::int64_t count, std::uint64_t seed) {
  return at::randn({count, 1, 2, 2}, at::make_generator<at::CPUGeneratorImpl>(seed), at::kDouble);
}

/// Level that a model of this target is asked at.
Level levelAt(Target target, double time) {
  if (target == Target::Flow) return {1.0 - time, time};
  static const SigmaTable table(schedule());
  const double sigma = table.sigmaAt(time * 1000.0), length = std::hypot(1.0, sigma);
  return {1.0 / length, sigma / length};
}

/// The best possible answers about data that are normal with mean 0: E[x_0 | x] and E[eps | x] are linear in x.
Predictor exactModel(Target target, int* calls = nullptr) {
  return [=](const at::Tensor& x, const at::Tensor& time, const Condition&) {
    if (calls != nullptr) ++*calls;
    const Level level = levelAt(target, time[0].item<double>());
    const double variance = kDeviation * kDeviation * level.signal * level.signal + level.noise * level.noise;
    const Pair parts{.x0 = x * (level.signal * kDeviation * kDeviation / variance),
                     .eps = x * (level.noise / variance)};
    return targetOf(target, parts, level);
  };
}

at::Tensor run(const SamplerSettings& settings, const at::Tensor& start, const EachState& each = {}) {
  const auto sampler = makeSampler(settings, schedule());
  return runSampler(
      *sampler, start, exactModel(settings.target), {},
      [&](std::int64_t step) { return noise(start.size(0), 100 + static_cast<std::uint64_t>(step)); }, each);
}

std::string firstField(const SamplerSettings& settings) {
  const auto problems = validate(settings, schedule());
  return problems.empty() ? "" : problems.front().field;
}

}  // namespace

class TestSamplers : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void exactModelGivesTheData_data();
  void exactModelGivesTheData();
  void stateIsShownAtUnitVariance();
  void cancelStopsAfterThePresentCall();
  void guidanceIsOneDoubledBatch();
  void guidanceOfOneAsksOnce();
  void onlyStochasticSamplersDrawNoise();
  void fewestAndMostSteps();
  void refusals();
  void conversionsAgree();
  void sigmaTableInverts();
};

void TestSamplers::exactModelGivesTheData_data() {
  QTest::addColumn<int>("kind");
  QTest::addColumn<int>("target");
  for (const auto& kind : dw::config::choices<SamplerKind>()) {
    for (const auto& target : dw::config::choices<Target>()) {
      const auto row = std::string(kind.key) + " " + std::string(target.key);
      QTest::newRow(row.c_str()) << static_cast<int>(kind.value) << static_cast<int>(target.value);
    }
  }
}

void TestSamplers::exactModelGivesTheData() {
  QFETCH(int, kind);
  QFETCH(int, target);
  const SamplerSettings settings{
      .kind = static_cast<SamplerKind>(kind), .steps = 100, .target = static_cast<Target>(target)};
  const auto result = run(settings, noise(2000, 1));
  const double deviation = result.std().item<double>();
  QVERIFY2(std::abs(deviation / kDeviation - 1.0) < 0.06, std::to_string(deviation).c_str());
}

void TestSamplers::stateIsShownAtUnitVariance() {
  for (const auto& [kind, key, label, why, oldKey] : dw::config::choices<SamplerKind>()) {
    int states = 0;
    // Between the data's deviation and that of the noise; 100 steps, because with 10 DDIM itself misses the data by a third.
    run({.kind = kind, .steps = 100}, noise(500, 2), [&](const SamplingState& s) {
      ++states;
      if (s.step != states || s.steps != 100 || s.x0.sizes() != s.x.sizes()) states = -1000;
      const double shown = s.shown.std().item<double>();
      if (shown < 0.9 * kDeviation || shown > 1.1) states = -1000;
      return true;
    });
    QCOMPARE(states, 100);
  }
}

void TestSamplers::cancelStopsAfterThePresentCall() {
  for (const auto& [kind, key, label, why, oldKey] : dw::config::choices<SamplerKind>()) {
    int calls = 0;
    const auto sampler = makeSampler({.kind = kind, .steps = 10}, schedule());
    const auto result = runSampler(
        *sampler, noise(4, 3), exactModel(Target::Eps, &calls), {}, [](std::int64_t) { return noise(4, 4); },
        [](const SamplingState& s) { return s.step < 3; });
    QVERIFY(!result.defined());
    QCOMPARE(calls, 3);
  }
}

void TestSamplers::guidanceIsOneDoubledBatch() {
  std::vector<std::int64_t> batches;
  // Told k it answers k everywhere; told nothing (-1) it answers -1.
  const Predictor model = [&](const at::Tensor& x, const at::Tensor& time, const Condition& c) {
    batches.push_back(x.size(0));
    if (time.size(0) != x.size(0) || c.labels.size(0) != x.size(0)) batches.push_back(-1);
    return c.labels.to(at::kDouble).view({-1, 1, 1, 1}).expand_as(x).contiguous();
  };
  Guidance guidance;
  guidance.weight = 3.0;
  guidance.with.labels = at::tensor({1, 2}, at::kLong);
  guidance.without.labels = at::tensor({-1, -1}, at::kLong);
  at::Tensor eps;
  const auto sampler = makeSampler({.kind = SamplerKind::Ddim, .steps = 4}, schedule());
  const auto start = noise(2, 5);
  runSampler(*sampler, start, model, guidance, {}, [&](const SamplingState& s) {
    const double alphaBar = schedule().alphaBar[999];
    eps = (start - s.x0 * std::sqrt(alphaBar)) / std::sqrt(1.0 - alphaBar);  // what was read from the first output
    return false;
  });
  QCOMPARE(batches, std::vector<std::int64_t>{4});
  QVERIFY(at::allclose(eps[0], at::full_like(eps[0], -1.0 + 3.0 * 2.0)));  // without + 3 (with - without)
  QVERIFY(at::allclose(eps[1], at::full_like(eps[1], -1.0 + 3.0 * 3.0)));
}

void TestSamplers::guidanceOfOneAsksOnce() {
  for (const double weight : {1.0, 0.0}) {
    std::vector<std::int64_t> told;
    const Predictor model = [&](const at::Tensor& x, const at::Tensor&, const Condition& c) {
      told.push_back(c.labels.size(0) == x.size(0) ? c.labels[0].item<std::int64_t>() : -99);
      return x;
    };
    Guidance guidance;
    guidance.weight = weight;
    guidance.with.labels = at::tensor({7}, at::kLong);
    guidance.without.labels = at::tensor({-1}, at::kLong);
    const auto sampler = makeSampler({.kind = SamplerKind::Euler, .steps = 2}, schedule());
    runSampler(*sampler, noise(1, 6), model, guidance, {});
    const std::int64_t expected = weight == 1.0 ? 7 : -1;
    QCOMPARE(told, (std::vector<std::int64_t>{expected, expected}));
  }
}

void TestSamplers::onlyStochasticSamplersDrawNoise() {
  for (const auto& [kind, key, label, why, oldKey] : dw::config::choices<SamplerKind>()) {
    int draws = 0;
    const auto sampler = makeSampler({.kind = kind, .steps = 5}, schedule());
    runSampler(*sampler, noise(1, 7), exactModel(Target::Eps), {}, [&](std::int64_t) {
      ++draws;
      return noise(1, 8);
    });
    QCOMPARE(draws > 0, kind == SamplerKind::Ddpm);
  }
  int draws = 0;
  const auto sampler = makeSampler({.kind = SamplerKind::Ddim, .steps = 5, .eta = 1.0}, schedule());
  runSampler(*sampler, noise(1, 7), exactModel(Target::Eps), {}, [&](std::int64_t) {
    ++draws;
    return noise(1, 8);
  });
  QCOMPARE(draws, 4);  // the last step of trailing ends at t < 0, where there is no variance
}

void TestSamplers::fewestAndMostSteps() {
  for (const auto& [kind, key, label, why, oldKey] : dw::config::choices<SamplerKind>()) {
    const auto facts = samplerFacts(kind);
    for (const auto spacing : {Spacing::Trailing, Spacing::Leading, Spacing::Linspace}) {
      if (spacing == Spacing::Leading && !facts.spaced) continue;
      for (const std::int64_t steps : {std::int64_t{1}, std::int64_t{2}, 1000 - facts.spare}) {
        const auto sampler = makeSampler({.kind = kind, .steps = steps, .spacing = spacing}, schedule());
        QCOMPARE(sampler->steps(), steps);
        for (std::size_t i = 1; i < sampler->timesteps().size(); ++i)
          QVERIFY(sampler->timesteps()[i] <= sampler->timesteps()[i - 1]);
        QVERIFY(sampler->timesteps().front() <= 999.0 && sampler->timesteps().back() >= 0.0);
      }
      const auto result = run({.kind = kind, .steps = 1, .spacing = spacing}, noise(3, 9));
      QVERIFY(at::isfinite(result).all().item<bool>());
    }
  }
  const auto tiny = dw::schedule::makeNoiseSchedule({.kind = dw::config::ScheduleKind::Linear, .steps = 1});
  const auto sampler = makeSampler({.kind = SamplerKind::Ddim, .steps = 1}, tiny);
  QCOMPARE(sampler->timesteps(), std::vector<double>{0.0});
}

void TestSamplers::refusals() {
  QCOMPARE(firstField({}), std::string());
  QCOMPARE(firstField({.steps = 0}), std::string("steps"));
  QCOMPARE(firstField({.steps = 1001}), std::string("steps"));
  QCOMPARE(firstField({.kind = SamplerKind::Unipc, .steps = 1000}), std::string("steps"));
  QCOMPARE(firstField({.kind = SamplerKind::Flow, .spacing = Spacing::Leading, .target = Target::Flow}),
           std::string("spacing"));
  QCOMPARE(firstField({.eta = 1.5}), std::string("eta"));
  QCOMPARE(firstField({.eta = std::nan("")}), std::string("eta"));
  QCOMPARE(firstField({.karras = true}), std::string("karras"));
  QCOMPARE(firstField({.shift = 0.0}), std::string("shift"));
  const auto zeroSnr = dw::schedule::makeNoiseSchedule({.kind = dw::config::ScheduleKind::LinearZeroSnr});
  QCOMPARE(validate({.target = Target::Eps}, zeroSnr).front().field, std::string("target"));
  QVERIFY(validate({.target = Target::V}, zeroSnr).empty());
  QVERIFY_THROWS_EXCEPTION(dw::Error, makeSampler({.steps = 0}, schedule()));
}

void TestSamplers::conversionsAgree() {
  const auto x0 = noise(5, 10), eps = noise(5, 11);
  for (const Level level : {Level{0.8, 0.6}, Level{1.0, 12.0}, Level{0.3, 0.7}}) {
    const auto x = x0 * level.signal + eps * level.noise;
    for (const auto& from : dw::config::choices<Target>()) {
      for (const auto& to : dw::config::choices<Target>()) {
        const auto wanted = targetOf(to.value, {.x0 = x0, .eps = eps}, level);
        const auto got = convert(from.value, to.value, x, targetOf(from.value, {.x0 = x0, .eps = eps}, level), level);
        QVERIFY2(at::allclose(got, wanted, 1e-10, 1e-10),
                 (std::string(from.key) + " to " + std::string(to.key)).c_str());
      }
    }
    QVERIFY(std::abs((inputFactor(Target::Eps, level) * Level{level}.signal) *
                         (inputFactor(Target::Eps, level) * level.signal) +
                     std::pow(inputFactor(Target::Eps, level) * level.noise, 2) - 1.0) < 1e-12);
    QVERIFY(std::abs(inputFactor(Target::Flow, level) * (level.signal + level.noise) - 1.0) < 1e-12);
  }
}

void TestSamplers::sigmaTableInverts() {
  const SigmaTable table(schedule());
  for (const double t : {0.0, 1.0, 250.0, 998.0, 999.0}) QVERIFY(std::abs(table.timeAt(table.sigmaAt(t)) - t) < 1e-9);
  QVERIFY(std::abs(table.timeAt(table.sigmaAt(500.5)) - 500.5) < 0.01);
  QCOMPARE(table.timeAt(0.0), 0.0);
  QCOMPARE(table.timeAt(1e9), 999.0);
  const SigmaTable zeroSnr(dw::schedule::makeNoiseSchedule({.kind = dw::config::ScheduleKind::LinearZeroSnr}));
  QVERIFY(std::isfinite(zeroSnr.largest()) && zeroSnr.largest() > 1000.0);
}

QTEST_APPLESS_MAIN(TestSamplers)
#include "tst_samplers.moc"
