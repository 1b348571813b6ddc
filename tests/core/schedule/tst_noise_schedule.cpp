// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "schedule/noise_schedule.h"

using dw::config::ScheduleSettings;
using namespace dw::schedule;

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
  void unknownKindNamesNearest();
};

void TestNoiseSchedule::identities_data() {
  QTest::addColumn<QString>("kind");
  for (const auto& kind : noiseScheduleKinds()) QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
}

void TestNoiseSchedule::identities() {
  QFETCH(QString, kind);
  for (const std::int64_t steps : {2, 37, 1000}) {
    const auto s = makeNoiseSchedule({.kind = kind.toStdString(), .steps = steps});
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
  const auto s = makeNoiseSchedule({.kind = "seed_formula_t0"});
  QCOMPARE(s.betas.front(), 1e-4);
  QVERIFY(std::abs(s.betas.back() - 0.0199801) < 1e-15);
}

void TestNoiseSchedule::zeroTerminalSnr() {
  const auto s = makeNoiseSchedule({.kind = "linear_zero_snr"});
  QVERIFY(endsAtPureNoise(s));
  QCOMPARE(s.snr.back(), 0.0);
  QVERIFY(std::isinf(s.sigmaEdm.back()));
  QVERIFY(!endsAtPureNoise(makeNoiseSchedule({.kind = "linear"})));
}

void TestNoiseSchedule::oneStep() {
  for (const auto& kind : noiseScheduleKinds()) {
    const ScheduleSettings settings{.kind = kind, .steps = 1};
    if (kind.ends_with("_zero_snr")) {
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
  const ScheduleSettings settings{.kind = "linear", .steps = steps, .betaMin = betaMin, .betaMax = betaMax};
  const auto problems = validate(settings);
  QCOMPARE(problems.size(), std::size_t{1});
  QCOMPARE(QString::fromStdString(problems.front().field), field);
  QVERIFY(!problems.front().remedy.empty());
  QVERIFY_EXCEPTION_THROWN(makeNoiseSchedule(settings), dw::Error);
}

void TestNoiseSchedule::unknownKindNamesNearest() {
  const auto problems = validate({.kind = "sigmoit"});
  QCOMPARE(problems.size(), std::size_t{1});
  QCOMPARE(problems.front().fix, std::string("sigmoid"));
}

QTEST_APPLESS_MAIN(TestNoiseSchedule)
#include "tst_noise_schedule.moc"
