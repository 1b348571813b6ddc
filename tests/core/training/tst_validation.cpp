// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QTest>
#include <array>
#include <cmath>
#include <set>

#include "training/rate_groups.h"
#include "training/update_ratio.h"
#include "training/validation.h"

using namespace dw::training;

namespace {

at::Tensor randomTensor(at::IntArrayRef shape, std::uint64_t seed) {
  return at::randn(shape, at::make_generator<at::CPUGeneratorImpl>(seed), at::kFloat);
}

/// A linear model of x_t and what trains it.
struct Rig {
  Rig() {
    weight = randomTensor({32, 32}, 1).mul_(0.05).set_requires_grad(true);
    bias = at::zeros({32}).set_requires_grad(true);
    parameters = {{"weight", weight}, {"bias", bias}};
    optimizer = makeOptimizer({.kind = dw::config::OptimizerKind::Adam}, parameters);
    step = std::make_unique<TrainStep>(TrainStep::Parts{
        .objective = dw::diffusion::Objective(dw::schedule::makeNoiseSchedule({}), {}, at::kCPU, at::kFloat),
        .predictor =
            [this](const at::Tensor& x, const at::Tensor& time, const auto&) {
              times.push_back(time.clone());
              return (at::matmul(x.flatten(1), weight) + bias).view(x.sizes());
            },
        .parameters = parameters,
        .optimizer = optimizer.get(),
        .runSeed = 7});
  }
  StepResult train(std::int64_t s) {
    const MicroBatch batch{.x0 = randomTensor({4, 2, 4, 4}, 100 + static_cast<std::uint64_t>(s)), .labels = {}};
    return step->run({&batch, 1}, s, {.update = {.lr = 1e-2}});
  }
  at::Tensor weight, bias;
  NamedTensors parameters;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<TrainStep> step;
  std::vector<at::Tensor> times;
};

Validation validationOf(std::int64_t count, std::int64_t batch) {
  return Validation({.x0 = randomTensor({count, 2, 4, 4}, 50), .labels = {}}, batch);
}

}  // namespace

/// The validation loss, the ratio of update to weight, and the rates of tensors.
class TestValidation : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyBinIsAskedAlike() {
    for (const std::int64_t steps : {1000, 30, 21, 20, 4000}) {
      const auto t = validationTimesteps(0, 200, steps);
      std::array<int, 20> count{};
      for (std::int64_t i = 0; i < 200; ++i) {
        const auto value = t[i].item<std::int64_t>();
        QVERIFY(value >= 0 && value < steps);
        QCOMPARE(value * 20 / steps, i % 20);
        ++count.at(static_cast<std::size_t>(value * 20 / steps));
      }
      for (const int c : count) QCOMPARE(c, 10);
    }
    const auto few = validationTimesteps(0, 100, 3);
    QVERIFY(few.min().item<std::int64_t>() >= 0 && few.max().item<std::int64_t>() < 3);
  }

  void timestepsLieAnywhereInTheirBin() {
    const auto t = validationTimesteps(0, 2000, 1000);
    std::set<std::int64_t> ofFirstBin;
    for (std::int64_t i = 0; i < 2000; i += 20) ofFirstBin.insert(t[i].item<std::int64_t>());
    QVERIFY(ofFirstBin.size() > 35);  // of 50 there are
  }

  void pairsAreTheSameEachTime() {
    Rig rig;
    const auto all = validationOf(60, 16);
    const auto first = all.run(*rig.step, {});
    const auto again = all.run(*rig.step, {});
    QVERIFY(first && again);
    QCOMPARE(first->loss, again->loss);
    QVERIFY(first->byBin == again->byBin);
    // However many are asked at once: the same timesteps and noise.
    const auto oneByOne = validationOf(60, 1).run(*rig.step, {});
    QVERIFY(std::abs(oneByOne->loss - first->loss) < 1e-6);
    double mean = 0.0;
    for (const float bin : first->byBin) mean += static_cast<double>(bin) / 20.0;
    QVERIFY(std::abs(mean - first->loss) < 1e-6);
  }

  void trainingIsNotDisturbed() {
    Rig plain, watched;
    const auto all = validationOf(40, 16);
    for (std::int64_t s = 0; s < 12; ++s) {
      const auto a = plain.train(s);
      all.run(*watched.step, {});
      const auto b = watched.train(s);
      QCOMPARE(a.loss, b.loss);
      QCOMPARE(a.gradNorm, b.gradNorm);
    }
    QVERIFY(at::equal(plain.weight, watched.weight));
    QVERIFY(!watched.weight.grad().defined());
  }

  void learningLowersIt() {
    Rig rig;
    const auto all = validationOf(40, 40);
    const double before = all.run(*rig.step, {})->loss;
    for (std::int64_t s = 0; s < 300; ++s) rig.train(s);
    QVERIFY(all.run(*rig.step, {})->loss < 0.9 * before);
  }

  void itCanBeGivenUp() {
    Rig rig;
    int asked = 0;
    QVERIFY(!validationOf(60, 16).run(*rig.step, [&] { return ++asked < 3; }));
    QCOMPARE(rig.times.size(), std::size_t{2});
  }

  void updateRatioIsThatOfTheDefinition() {
    Rig rig;
    for (std::int64_t s = 0; s < 20; ++s) {
      const auto weight = rig.weight.detach().clone(), bias = rig.bias.detach().clone();
      const auto result = rig.train(s);
      if ((s + 1) % kUpdateRatioEvery != 0) {
        QCOMPARE(result.updateRatio, 0.0);
        continue;
      }
      const double change =
          (rig.weight - weight).square().sum().item<double>() + (rig.bias - bias).square().sum().item<double>();
      const double length = weight.square().sum().item<double>() + bias.square().sum().item<double>();
      QVERIFY(std::abs(result.updateRatio / std::sqrt(change / length) - 1.0) < 1e-5);
    }
  }

  void fanInIsCountedAsByTheReference() {
    QCOMPARE(fanIn(at::zeros({5, 7})), 7);
    QCOMPARE(fanIn(at::zeros({5, 3, 2, 2})), 12);
    QCOMPARE(fanIn(at::zeros({9})), 9);
    QCOMPARE(fanIn(at::zeros({})), 1);
    QCOMPARE(fanIn(at::zeros({0})), 1);
  }

  void scaledRatesAreDividedByFanIn() {
    for (const auto kind :
         {dw::config::OptimizerKind::Adam, dw::config::OptimizerKind::AdamW, dw::config::OptimizerKind::Sgd}) {
      const auto makeAll = [] {
        return NamedTensors{
            {"a", at::ones({4, 8})}, {"b", at::ones({8})}, {"c", at::ones({2, 3, 2, 2})}, {"d", at::ones({6, 8})}};
      };
      const auto scaled = makeAll();
      const auto byScaled = makeOptimizer({.kind = kind, .beta1 = 0.5, .fanInScaling = true}, scaled);
      for (int step = 0; step < 3; ++step) {
        std::vector<at::Tensor> gradients;
        for (const auto& p : scaled) gradients.push_back(at::full_like(p.tensor, 0.1 * (step + 1)));
        byScaled->step(gradients, {.lr = 0.08, .weightDecay = 0.01});
      }
      for (std::size_t i = 0; i < scaled.size(); ++i) {
        const auto one = NamedTensors{{"x", at::ones_like(scaled[i].tensor)}};
        const auto plain = makeOptimizer({.kind = kind, .beta1 = 0.5}, one);
        for (int step = 0; step < 3; ++step) {
          plain->step({at::full_like(one[0].tensor, 0.1 * (step + 1))},
                      {.lr = 0.08 / static_cast<double>(fanIn(one[0].tensor)), .weightDecay = 0.01});
        }
        QVERIFY2(at::allclose(one[0].tensor, scaled[i].tensor, 1e-6, 1e-7),
                 std::string(dw::config::keyOf(kind)).c_str());
      }
    }
  }
};

QTEST_APPLESS_MAIN(TestValidation)
#include "tst_validation.moc"
