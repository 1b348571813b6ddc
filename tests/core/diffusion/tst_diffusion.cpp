// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: forward_process, flow_matching, loss, loss_weight, timestep_sampler
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QTest>

#include <cmath>

#include "diffusion/flow_matching.h"
#include "diffusion/forward_process.h"
#include "diffusion/loss.h"
#include "diffusion/loss_weight.h"
#include "diffusion/timestep_sampler.h"

using namespace dw::diffusion;

namespace {

at::Generator generator(std::uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

const dw::schedule::NoiseSchedule& linearSchedule() {
  static const auto schedule = dw::schedule::makeNoiseSchedule({.kind = dw::config::ScheduleKind::Linear});
  return schedule;
}

ForwardProcess process(at::ScalarType type = at::kDouble) { return {linearSchedule(), at::kCPU, type}; }

bool close(const at::Tensor& a, const at::Tensor& b, double tolerance) {
  return a.sizes() == b.sizes() && (a - b).abs().max().item<double>() <= tolerance;
}

}  // namespace

class TestDiffusion : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void sampleMoments();
  void sampleEqualsFormula();
  void velocityUndoes();
  void modelTimeIsShare();
  void flowPathEnds();
  void lossMatchesAutograd_data();
  void lossMatchesAutograd();
  void timestepsUniform();
  void weightsAtZeroSnr();
  void sigmoidScheduleIsTorchs();
};

void TestDiffusion::sampleMoments() {
  const auto x0 = at::full({20000, 1, 2, 2}, 3.0, at::kDouble);
  const auto eps = at::randn(x0.sizes(), generator(1), at::kDouble);
  for (const std::int64_t t : {0, 250, 999}) {
    const auto xT = process().sample(x0, eps, at::full({20000}, t, at::kLong));
    const double alphaBar = linearSchedule().alphaBar[static_cast<std::size_t>(t)];
    const double spread = std::sqrt(1.0 - alphaBar);
    // Standard error of the mean of 80000 numbers is spread / 283; of their variance 0.5 %.
    QVERIFY(std::abs(xT.mean().item<double>() - 3.0 * std::sqrt(alphaBar)) < 5.0 * spread / 283.0);
    QVERIFY(std::abs(xT.var().item<double>() / (1.0 - alphaBar) - 1.0) < 0.025);
  }
}

void TestDiffusion::sampleEqualsFormula() {
  const auto x0 = at::randn({3, 2, 4, 4}, generator(2), at::kDouble);
  const auto eps = at::randn({3, 2, 4, 4}, generator(3), at::kDouble);
  const auto t = at::tensor({0, 400, 999}, at::kLong);
  const auto xT = process().sample(x0, eps, t);
  for (std::int64_t i = 0; i < 3; ++i) {
    const auto at = static_cast<std::size_t>(t[i].item<std::int64_t>());
    QVERIFY(close(xT[i], linearSchedule().sqrtAlphaBar[at] * x0[i] + linearSchedule().sigma[at] * eps[i], 1e-14));
  }
}

void TestDiffusion::velocityUndoes() {
  const auto x0 = at::randn({4, 2, 4, 4}, generator(4), at::kDouble);
  const auto eps = at::randn({4, 2, 4, 4}, generator(5), at::kDouble);
  const auto t = at::tensor({1, 300, 700, 999}, at::kLong);
  const auto xT = process().sample(x0, eps, t);
  const auto v = process().velocity(x0, eps, t);
  // x_0 = a x_t - s v and eps = s x_t + a v: the pair is a rotation.
  const auto table = [&](const std::vector<double>& values) {
    return at::tensor(values, at::kDouble).index_select(0, t).view({4, 1, 1, 1});
  };
  const auto a = table(linearSchedule().sqrtAlphaBar);
  const auto s = table(linearSchedule().sigma);
  QVERIFY(close(a * xT - s * v, x0, 1e-12));
  QVERIFY(close(s * xT + a * v, eps, 1e-12));
}

void TestDiffusion::modelTimeIsShare() {
  const auto time = process(at::kFloat).modelTime(at::tensor({0, 500, 999}, at::kLong));
  QCOMPARE(time.scalar_type(), at::kFloat);
  QCOMPARE(time[1].item<float>(), 0.5F);
  QVERIFY(time[2].item<float>() < 1.0F);
}

void TestDiffusion::flowPathEnds() {
  const auto x0 = at::randn({2, 1, 2, 2}, generator(6), at::kDouble);
  const auto noise = at::randn({2, 1, 2, 2}, generator(7), at::kDouble);
  QVERIFY(at::equal(flowPair(x0, noise, at::zeros({2}, at::kDouble)).xT, x0));
  QVERIFY(at::equal(flowPair(x0, noise, at::ones({2}, at::kDouble)).xT, noise));
  QVERIFY(close(flowPair(x0, noise, at::ones({2}, at::kDouble)).target, noise - x0, 0.0));
}

void TestDiffusion::lossMatchesAutograd_data() {
  QTest::addColumn<bool>("weighted");
  QTest::newRow("plain") << false;
  QTest::newRow("weighted") << true;
}

void TestDiffusion::lossMatchesAutograd() {
  QFETCH(bool, weighted);
  auto prediction = at::randn({3, 2, 4, 4}, generator(8), at::kDouble).requires_grad_();
  const auto target = at::randn({3, 2, 4, 4}, generator(9), at::kDouble);
  const auto weights = at::tensor({0.5, 2.0, 1.5}, at::kDouble);
  const auto loss = meanSquaredError(prediction, target, weighted ? weights : at::Tensor{});

  const auto perSample = (prediction - target).square().flatten(1).mean(1);
  const auto expected = weighted ? (perSample * weights).mean() : perSample.mean();
  expected.backward();
  QVERIFY(close(loss.value, expected.detach(), 1e-14));
  QVERIFY(close(loss.perSample, perSample.detach(), 1e-14));
  QVERIFY(close(loss.gradient, prediction.grad(), 1e-15));
  QVERIFY(!loss.value.requires_grad());
}

void TestDiffusion::timestepsUniform() {
  const auto t = uniformTimesteps(50000, 10, generator(10));
  QCOMPARE(t.min().item<std::int64_t>(), std::int64_t{0});
  QCOMPARE(t.max().item<std::int64_t>(), std::int64_t{9});
  const auto counts = at::bincount(t).to(at::kDouble);
  // 5000 expected, standard deviation 67.
  QVERIFY((counts - 5000.0).abs().max().item<double>() < 5.0 * 67.0);
  QVERIFY(at::equal(t, uniformTimesteps(50000, 10, generator(10))));
}

void TestDiffusion::weightsAtZeroSnr() {
  const std::vector<double> snr{1e4, 5.0, 0.0};
  QCOMPARE(minSnrEpsilon(snr, 5.0), (std::vector<double>{5e-4, 1.0, 1.0}));
  QCOMPARE(minSnrX0(snr, 5.0), (std::vector<double>{5.0, 5.0, 0.0}));
  QCOMPARE(minSnrVelocity(snr, 5.0).back(), 0.0);
  QVERIFY(std::isinf(debiasedEpsilon(snr).back()));
}

void TestDiffusion::sigmoidScheduleIsTorchs() {
  // Not shorter: PyTorch takes what is left over by its vectors (up to 31 values) with the C library's exp.
  for (const std::int64_t steps : {100, 999, 1000, 4000}) {
    const auto ours =
        dw::schedule::makeNoiseSchedule({.kind = dw::config::ScheduleKind::Sigmoid, .steps = steps}).betas;
    const auto torchs = at::linspace(-6, 6, steps, at::kFloat).sigmoid() * (0.02 - 1e-4) + 1e-4;
    QVERIFY(at::equal(at::tensor(ours, at::kDouble), torchs.to(at::kDouble)));
  }
}

QTEST_APPLESS_MAIN(TestDiffusion)
#include "tst_diffusion.moc"
