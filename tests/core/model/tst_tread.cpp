// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QTest>

#include <cmath>

#include "base/error.h"
#include "model/tread.h"
#include "model/xudit.h"

using namespace dw::model;

namespace {

at::Generator generator(std::uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

dw::config::ModelSettings treadSettings() {
  dw::config::ModelSettings s;
  s.dim = 16;
  s.ctxDim = 0;
  s.dimHead = 4;
  s.mlpDim = 24;
  s.depth = 1;
  s.decBlocks = {1};
  s.tread = dw::config::TreadSettings{1, 1, 0.5};
  return s;
}

}  // namespace

class TestTread : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void drawIsRisingDistinctAndRepeatable();
  void everyTokenIsEquallyLikely();
  void impossibleRateIsRefused();
  void tokensComeBackInPlace();
  void sameDrawSameOutput();
  void wrongKeepCountIsRefused();
  void encoderOutputOnlyWhereTokensDrop();
};

void TestTread::drawIsRisingDistinctAndRepeatable() {
  const auto a = drawTreadKeep(3, 36, 0.4, generator(5));
  QCOMPARE(a.sizes(), at::IntArrayRef({3, 36 - 14}));
  QVERIFY((a.diff(1, 1) > 0).all().item<bool>());
  QVERIFY(a.min().item<std::int64_t>() >= 0 && a.max().item<std::int64_t>() < 36);
  QVERIFY(torch::equal(a, drawTreadKeep(3, 36, 0.4, generator(5))));
  QVERIFY(!torch::equal(a, drawTreadKeep(3, 36, 0.4, generator(6))));
}

void TestTread::everyTokenIsEquallyLikely() {
  const auto counts = drawTreadKeep(4000, 10, 0.5, generator(1)).flatten().bincount({}, 10).to(torch::kFloat64);
  // Binomial(4000, 1/2): standard deviation 31.6; six of them.
  QVERIFY((counts - 2000).abs().max().item<double>() < 190);
}

void TestTread::impossibleRateIsRefused() {
  QVERIFY_THROWS_EXCEPTION(dw::Error, treadKeepCount(10, 1.0));
  QVERIFY_THROWS_EXCEPTION(dw::Error, treadKeepCount(10, -0.1));
  QVERIFY_THROWS_EXCEPTION(dw::Error, treadKeepCount(10, std::nan("")));
  QCOMPARE(treadKeepCount(10, 0.0), std::int64_t{10});
}

void TestTread::tokensComeBackInPlace() {
  const auto x = torch::arange(24, torch::kFloat64).view({2, 4, 3});
  const auto numbers = torch::tensor({{1, 3}, {0, 2}}, torch::kInt64);
  const auto taken = takeTokens(x, numbers);
  QVERIFY(torch::equal(taken[0][0], x[0][1]) && torch::equal(taken[1][1], x[1][2]));
  QVERIFY(torch::equal(putTokens(x, numbers, taken), x));
  const auto changed = putTokens(x, numbers, taken + 100);
  QVERIFY(torch::equal(changed[0][0], x[0][0]) && torch::equal(changed[0][3], x[0][3] + 100));
}

void TestTread::sameDrawSameOutput() {
  torch::manual_seed(0);
  XUDiT model(treadSettings());
  model.train();
  const auto x = torch::randn({2, 4, 12, 12}), t = torch::rand({2});
  const auto with = [&](std::uint64_t seed) {
    ForwardExtras extras;
    extras.treadGenerator = generator(seed);
    return model.run(x, t, extras).y;
  };
  QVERIFY(torch::equal(with(1), with(1)));
  QVERIFY(!torch::equal(with(1), with(2)));
  model.eval();
  QVERIFY(torch::equal(with(1), with(2)));  // nothing drops outside training without a rate
}

void TestTread::wrongKeepCountIsRefused() {
  XUDiT model(treadSettings());
  ForwardExtras extras;
  extras.treadRate = 0.25;
  extras.treadKeepIdx = torch::arange(20).unsqueeze(0);  // 27 are needed
  QVERIFY_THROWS_EXCEPTION(dw::Error, model.run(torch::randn({1, 4, 12, 12}), torch::rand({1}), extras));
}

void TestTread::encoderOutputOnlyWhereTokensDrop() {
  XUDiT model(treadSettings());
  ForwardExtras extras;
  extras.returnEncOut = true;
  const auto x = torch::randn({1, 4, 12, 12}), t = torch::rand({1});
  model.train();
  QCOMPARE(model.run(x, t, extras).encOut.sizes(), at::IntArrayRef({1, 18, 16}));
  model.eval();
  QVERIFY_THROWS_EXCEPTION(dw::Error, model.run(x, t, extras));
}

QTEST_APPLESS_MAIN(TestTread)
#include "tst_tread.moc"
