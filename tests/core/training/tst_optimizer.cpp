// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QTest>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "training/ema.h"
#include "training/finite_check.h"
#include "training/gradient_clip.h"
#include "training/optimizer.h"

using namespace dw::training;
using dw::config::OptimizerKind;

namespace {

at::Tensor random(at::IntArrayRef shape, std::uint64_t seed, at::ScalarType type = at::kFloat) {
  return at::randn(shape, at::make_generator<at::CPUGeneratorImpl>(seed), type);
}

NamedTensors makeParameters() { return {{"a.weight", random({5, 3}, 1)}, {"b", random({7}, 2)}}; }

/// Gradients of step s: any function of s will do.
std::vector<at::Tensor> gradientsOf(std::uint64_t step) {
  return {random({5, 3}, 100 + step), random({7}, 200 + step)};
}

NamedTensors copyOf(const NamedTensors& named) {
  NamedTensors copies;
  for (const auto& [name, tensor] : named) copies.push_back({name, tensor.clone()});
  return copies;
}

bool sameBits(const NamedTensors& a, const NamedTensors& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || !at::equal(a[i].tensor, b[i].tensor)) return false;
  }
  return true;
}

}  // namespace

class TestOptimizer : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void resumeIsBitExact_data();
  void resumeIsBitExact();
  void adamFirstStep();
  void missingGradientIsSkipped();
  void foreignStateIsRefused();
  void clipping();
  void normSeesEveryFault();
  void emaFollows();
  void emaResume();
};

void TestOptimizer::resumeIsBitExact_data() {
  QTest::addColumn<int>("kind");
  for (const auto& kind : dw::config::choices<OptimizerKind>())
    QTest::newRow(kind.key.data()) << static_cast<int>(kind.value);
}

void TestOptimizer::resumeIsBitExact() {
  QFETCH(int, kind);
  const dw::config::OptimSettings settings{.kind = static_cast<OptimizerKind>(kind)};
  const UpdateSettings update{.lr = 1e-2, .weightDecay = 0.01};

  const auto whole = makeParameters();
  const auto uninterrupted = makeOptimizer(settings, whole);
  for (std::uint64_t step = 0; step < 10; ++step) uninterrupted->step(gradientsOf(step), update);

  const auto first = makeParameters();
  const auto before = makeOptimizer(settings, first);
  for (std::uint64_t step = 0; step < 4; ++step) before->step(gradientsOf(step), update);
  const auto second = copyOf(first);
  const auto after = makeOptimizer(settings, second);
  after->loadState(copyOf(before->state()));
  for (std::uint64_t step = 4; step < 10; ++step) after->step(gradientsOf(step), update);

  QVERIFY(!sameBits(whole, makeParameters()));
  QVERIFY(sameBits(whole, second));
  QVERIFY(sameBits(uninterrupted->state(), after->state()));
}

void TestOptimizer::adamFirstStep() {
  // Bias correction makes the first update lr * g / (|g| + eps), whatever the betas.
  const NamedTensors parameters{{"w", at::tensor({1.0, 1.0, 1.0}, at::kDouble)}};
  makeOptimizer({.kind = OptimizerKind::Adam, .eps = 1e-3}, parameters)
      ->step({at::tensor({2.0, -1e-3, 0.0}, at::kDouble)}, {.lr = 0.1});
  const auto expected = at::tensor({1.0 - 0.1 * 2.0 / 2.001, 1.0 + 0.05, 1.0}, at::kDouble);
  QVERIFY((parameters[0].tensor - expected).abs().max().item<double>() < 1e-12);
}

void TestOptimizer::missingGradientIsSkipped() {
  for (const auto& choice : dw::config::choices<OptimizerKind>()) {
    const auto parameters = makeParameters();
    const auto before = copyOf(parameters);
    makeOptimizer({.kind = choice.value}, parameters)
        ->step({at::Tensor{}, random({7}, 9)}, {.lr = 0.1, .weightDecay = 0.1});
    QVERIFY(at::equal(parameters[0].tensor, before[0].tensor));
    QVERIFY(!at::equal(parameters[1].tensor, before[1].tensor));
  }
}

void TestOptimizer::foreignStateIsRefused() {
  const auto optimizer = makeOptimizer({.kind = OptimizerKind::Adam}, makeParameters());
  optimizer->step(gradientsOf(0), {.lr = 0.1});
  const auto good = copyOf(optimizer->state());

  auto wrongShape = copyOf(good);
  wrongShape[1].tensor = at::ones({3, 5});
  auto missing = copyOf(good);
  missing.pop_back();
  auto extra = copyOf(good);
  extra.push_back({"exp_avg.c", at::zeros({1})});
  for (const auto& bad : {wrongShape, missing, extra}) {
    QVERIFY_EXCEPTION_THROWN(optimizer->loadState(bad), dw::Error);
    QVERIFY(sameBits(optimizer->state(), good));
  }
}

void TestOptimizer::clipping() {
  const std::vector<at::Tensor> gradients{at::tensor({3.0, 0.0}, at::kDouble), at::Tensor{},
                                          at::tensor({{4.0}}, at::kDouble)};
  const double norm = globalNorm(gradients).item<double>();
  QCOMPARE(norm, 5.0);
  QCOMPARE(clipFactor(norm, 0.0), 1.0);
  QCOMPARE(clipFactor(norm, 6.0), 1.0);
  scaleGradients(gradients, clipFactor(norm, 1.0));
  QVERIFY(std::abs(globalNorm(gradients).item<double>() - 1.0) < 1e-6);
  QVERIFY(globalNorm(gradients).item<double>() < 1.0);
}

void TestOptimizer::normSeesEveryFault() {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (const std::int64_t place : {0, 17, 9999}) {
      NamedTensors named{{"fine", random({100}, 1)}, {"broken", random({10000}, 2)}};
      named[1].tensor[place] = bad;
      QVERIFY(!std::isfinite(globalNorm(tensorsOf(named)).item<double>()));
      const auto found = firstNonFinite(named);
      QVERIFY(found.has_value());
      QCOMPARE(found->name, std::string("broken"));
      QCOMPARE(found->count, std::int64_t{1});
      QCOMPARE(found->nan, std::isnan(bad));
    }
  }
  QVERIFY(!firstNonFinite({{"fine", random({100}, 1)}}).has_value());
}

void TestOptimizer::emaFollows() {
  const NamedTensors parameters{{"w", at::zeros({4}, at::kDouble)}};
  Ema ema({.decay = 0.9, .minDecay = 0.9}, parameters);
  parameters[0].tensor.fill_(1.0);
  ema.update(0.9);  // the first update copies
  QVERIFY(at::equal(ema.shadow()[0].tensor, parameters[0].tensor));
  parameters[0].tensor.fill_(2.0);
  ema.update(0.9);
  QVERIFY(std::abs(ema.shadow()[0].tensor[0].item<double>() - 1.1) < 1e-12);
  QVERIFY(parameters[0].tensor[0].item<double>() == 2.0);
}

void TestOptimizer::emaResume() {
  const auto parameters = makeParameters();
  Ema whole({.decay = 0.99}, parameters);
  Ema first({.decay = 0.99}, parameters);
  Ema second({.decay = 0.99}, parameters);
  for (int update = 0; update < 8; ++update) {
    for (const auto& entry : parameters) at::Tensor(entry.tensor).add_(0.1 * update);
    whole.update(0.99);
    if (update < 4) first.update(0.99);
    if (update == 3) second.load(copyOf(first.shadow()), first.updates());
    if (update > 3) second.update(0.99);
  }
  QVERIFY(sameBits(whole.shadow(), second.shadow()));
  QCOMPARE(second.updates(), std::int64_t{8});
  QVERIFY_EXCEPTION_THROWN(second.load({}, 1), dw::Error);
}

QTEST_APPLESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
