// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <cmath>

#include "base/error.h"
#include "schedule/lr_schedule.h"

using namespace dw::schedule;
using dw::config::LrKind;

namespace {

constexpr double kPeak = 1e-3;

LrSettings settingsOf(LrKind kind, std::int64_t warmup) { return {.kind = kind, .peak = kPeak, .warmup = warmup}; }

bool near(double a, double b) { return std::abs(a - b) <= 1e-12; }

}  // namespace

class TestLrSchedule : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ends();
  void warmupIsLinear();
  void neverAbovePeak();
  void clampedPastTheEnd();
  void oneCycleWarmup();
  void negativeWarmup();
  void usualRestarts();
};

void TestLrSchedule::ends() {
  const std::int64_t total = 500;
  QVERIFY(near(learningRateFormula(settingsOf(LrKind::Constant, 0), 499, total), kPeak));
  for (const auto kind : {LrKind::Linear, LrKind::Cosine, LrKind::CosineRestarts}) {
    QVERIFY(near(learningRateFormula(settingsOf(kind, 0), 0, total), kPeak));
    QVERIFY(near(learningRateFormula(settingsOf(kind, 0), total, total), 0.0));
  }
  QVERIFY(near(learningRateFormula(settingsOf(LrKind::Polynomial, 0), total, total), 1e-7));
  QVERIFY(near(learningRateFormula(settingsOf(LrKind::OneCycle, 0), 0, total), kPeak / 25.0));
  QVERIFY(near(learningRateFormula(settingsOf(LrKind::OneCycle, 0), 149, total), kPeak));
  QVERIFY(near(learningRateFormula(settingsOf(LrKind::OneCycle, 0), 499, total), kPeak / 25e4));
}

void TestLrSchedule::warmupIsLinear() {
  for (const auto kind :
       {LrKind::Constant, LrKind::Linear, LrKind::Cosine, LrKind::CosineRestarts, LrKind::Polynomial}) {
    const auto settings = settingsOf(kind, 100);
    for (const int step : {0, 1, 50, 99})
      QVERIFY(near(learningRateFormula(settings, step, 1000), kPeak * step / 100.0));
    QVERIFY(near(learningRateFormula(settings, 100, 1000), kPeak));
  }
}

void TestLrSchedule::neverAbovePeak() {
  for (const auto& choice : dw::config::choices<LrKind>()) {
    for (const std::int64_t warmup : {0, 1, 30, 200}) {
      for (std::int64_t step = 0; step < 200; ++step) {
        const double rate = learningRate(settingsOf(choice.value, warmup), step, 100);
        QVERIFY2(std::isfinite(rate) && rate >= 0.0 && rate <= kPeak * (1.0 + 1e-12), choice.key.data());
      }
    }
  }
}

void TestLrSchedule::clampedPastTheEnd() {
  const auto cosine = settingsOf(LrKind::Cosine, 10);
  const double last = learningRateFormula(cosine, 99, 100);
  QVERIFY(last > 0.0);
  QCOMPARE(learningRate(cosine, 99, 100), last);
  QCOMPARE(learningRate(cosine, 100, 100), last);
  QCOMPARE(learningRate(cosine, 150, 100), last);
  QVERIFY(learningRateFormula(cosine, 150, 100) > last);  // the bare formula rises again
}

void TestLrSchedule::oneCycleWarmup() {
  const auto settings = settingsOf(LrKind::OneCycle, 20);
  QVERIFY(near(learningRateFormula(settings, 19, 100), kPeak));
  QVERIFY(learningRateFormula(settings, 25, 100) < kPeak);
}

void TestLrSchedule::negativeWarmup() {
  const auto problems = validateLr(settingsOf(LrKind::Cosine, -1));
  QCOMPARE(problems.size(), std::size_t{1});
  QCOMPARE(problems.front().field, std::string("optim.warmup"));
}

/// As a recipe has it, a restarting rate is back at its peak four times.
void TestLrSchedule::usualRestarts() {
  dw::config::LiveSettings live{
      .lr = kPeak, .totalSteps = 100, .shape = dw::config::usualShape(LrKind::CosineRestarts)};
  for (const std::int64_t step : {0, 25, 50, 75}) QVERIFY(near(learningRate(live, step), kPeak));
  QVERIFY(learningRate(live, 24) < kPeak / 100.0);
}

QTEST_APPLESS_MAIN(TestLrSchedule)
#include "tst_lr_schedule.moc"
