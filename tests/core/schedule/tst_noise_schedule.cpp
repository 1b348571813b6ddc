// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "schedule/beta_kinds.h"
#include "schedule/noise_schedule.h"

using dw::config::ScheduleSettings;
using namespace dw::schedule;
using dw::config::ScheduleKind;

class TestNoiseSchedule : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void identities_data();
  void identities();
  void lectureFormula();
  void zeroTerminalSnr();
  void oneStep();
  void refusals_data();
  void refusals();
  void kindsThatEndAtPureNoise();
};

void TestNoiseSchedule::identities_data() {
  QTest::addColumn<int>("kind");
  for (const auto& kind : dw::config::choices<ScheduleKind>())
    QTest::newRow(kind.key.data()) << static_cast<int>(kind.value);
}

void TestNoiseSchedule::identities() {
  QFETCH(int, kind);
  for (const std::int64_t steps : {2, 37, 1000}) {
    const auto s = makeNoiseSchedule({.kind = static_cast<ScheduleKind>(kind), .steps = steps});
    QCOMPARE(s.steps(), steps);
    double previous = 1.0;
    for (std::size_t t = 0; t < s.betas.size(); ++t) {
      QVERIFY2(s.betas[t] > 0.0 && s.betas[t] <= 1.0, qPrintable(QString::number(t)));
      QVERIFY(s.alphaBar[t] < previous);
      // x_t keeps variance 1 for data of variance 1.
      QVERIFY(std::abs(s.sqrtAlphaBar[t] * s.sqrtAlphaBar[t] + s.sigma[t] * s.sigma[t] - 1.0) < 1e-14);
      // The posterior mean of x_t = sqrt(alphaBar_t) x_0 is sqrt(alphaBar_{t-1}) x_0.
      const double mean = s.posteriorMeanCoefX0[t] + s.posteriorMeanCoefXt[t] * s.sqrtAlphaBar[t];
      QVERIFY(std::abs(mean - std::sqrt(previous)) < 1e-9);
      QVERIFY(s.posteriorVariance[t] >= 0.0 && s.posteriorVariance[t] <= s.betas[t] * (1.0 + 1e-12));
      if (s.alphaBar[t] > 0.0) QVERIFY(std::abs(s.sigmaEdm[t] * s.sigmaEdm[t] * s.snr[t] - 1.0) < 1e-9);
      previous = s.alphaBar[t];
    }
  }
}

void TestNoiseSchedule::lectureFormula() {
  const auto s = makeNoiseSchedule({.kind = ScheduleKind::LinearTOverT});
  QCOMPARE(s.betas.front(), 1e-4);
  QVERIFY(std::abs(s.betas.back() - 0.0199801) < 1e-15);
}

void TestNoiseSchedule::zeroTerminalSnr() {
  const auto s = makeNoiseSchedule({.kind = ScheduleKind::LinearZeroSnr});
  QVERIFY(endsAtPureNoise(s));
  QCOMPARE(s.snr.back(), 0.0);
  QVERIFY(std::isinf(s.sigmaEdm.back()));
  QVERIFY(!endsAtPureNoise(makeNoiseSchedule({.kind = ScheduleKind::Linear})));
}

void TestNoiseSchedule::oneStep() {
  for (const auto& choice : dw::config::choices<ScheduleKind>()) {
    const ScheduleSettings settings{.kind = choice.value, .steps = 1};
    if (betaKind(choice.value).zeroTerminalSnr) {
      QVERIFY(dw::hasErrors(validate(settings)));
    } else {
      QCOMPARE(makeNoiseSchedule(settings).steps(), std::int64_t{1});
    }
  }
}

void TestNoiseSchedule::refusals_data() {
  QTest::addColumn<qint64>("steps");
  QTest::addColumn<double>("betaMin");
  QTest::addColumn<double>("betaMax");
  QTest::addColumn<QString>("field");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  QTest::newRow("no steps") << qint64{0} << 1e-4 << 0.02 << QStringLiteral("schedule.steps");
  QTest::newRow("negative steps") << qint64{-5} << 1e-4 << 0.02 << QStringLiteral("schedule.steps");
  QTest::newRow("too many steps") << qint64{1'000'001} << 1e-4 << 0.02 << QStringLiteral("schedule.steps");
  QTest::newRow("beta min 0") << qint64{10} << 0.0 << 0.02 << QStringLiteral("schedule.beta_min");
  QTest::newRow("beta max 1") << qint64{10} << 1e-4 << 1.0 << QStringLiteral("schedule.beta_max");
  QTest::newRow("beta NaN") << qint64{10} << nan << 0.02 << QStringLiteral("schedule.beta_min");
  QTest::newRow("falling") << qint64{10} << 0.03 << 0.02 << QStringLiteral("schedule.beta_min");
}

void TestNoiseSchedule::refusals() {
  QFETCH(qint64, steps);
  QFETCH(double, betaMin);
  QFETCH(double, betaMax);
  QFETCH(QString, field);
  const ScheduleSettings settings{.kind = ScheduleKind::Linear, .steps = steps, .betaMin = betaMin, .betaMax = betaMax};
  const auto problems = validate(settings);
  QCOMPARE(problems.size(), std::size_t{1});
  QCOMPARE(QString::fromStdString(problems.front().field), field);
  QVERIFY(!problems.front().remedy.empty());
  QVERIFY_EXCEPTION_THROWN(makeNoiseSchedule(settings), dw::Error);
}

/// What a recipe is told of a kind is what its tables are.
void TestNoiseSchedule::kindsThatEndAtPureNoise() {
  for (const auto& choice : dw::config::choices<ScheduleKind>()) {
    QCOMPARE(endsAtPureNoise(makeNoiseSchedule({.kind = choice.value})), dw::config::endsAtPureNoise(choice.value));
  }
}

QTEST_APPLESS_MAIN(TestNoiseSchedule)
#include "tst_noise_schedule.moc"
