// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "schedule/beta_kinds.h"
#include "schedule/custom_curve.h"
#include "schedule/noise_schedule.h"

using namespace dw::schedule;

namespace {

std::string firstSentence(const std::string& points) {
  const auto problems =
      validate(dw::config::ScheduleSettings{.kind = dw::config::ScheduleKind::Custom, .points = points});
  return problems.empty() ? "" : problems.front().field + ": " + problems.front().sentence;
}

NoiseSchedule custom(const std::string& points, std::int64_t steps = 1000) {
  return makeNoiseSchedule({.kind = dw::config::ScheduleKind::Custom, .steps = steps, .points = points});
}

}  // namespace

class TestCustomCurve : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void textThereAndBack();
  void goesThroughItsPoints();
  void neverTurns();
  void straightStaysStraight();
  void refusals_data();
  void refusals();
  void oneStepAndAMillion();
  void endsAtZeroIfAsked();
  void flowPath();
};

void TestCustomCurve::textThereAndBack() {
  const std::vector<CurvePoint> points{{0.0, 0.999}, {0.25, 0.5}, {1.0, 0.0}};
  QCOMPARE(curveText(points), std::string("0:0.999,0.25:0.5,1:0"));
  QVERIFY(parseCurve(curveText(points)) == points);
  QVERIFY(parseCurve(" 0:0.999, 0.25:0.5, 1:0") == points);
  for (const char* bad : {"", "0", "0:1:2", "0:a,1:0", "0:0.9,,1:0", ":,:"}) QVERIFY2(parseCurve(bad).empty(), bad);
}

void TestCustomCurve::goesThroughItsPoints() {
  const auto s = custom("0:0.999,0.25:0.9,0.5:0.2,1:0.001", 1001);
  QVERIFY(std::abs(s.alphaBar[0] - 0.999) < 1e-9);
  QVERIFY(std::abs(s.alphaBar[250] - 0.9) < 1e-9);
  QVERIFY(std::abs(s.alphaBar[500] - 0.2) < 1e-9);
  QVERIFY(std::abs(s.alphaBar[1000] - 0.001) < 1e-9);
}

void TestCustomCurve::neverTurns() {
  // A plain cubic spline overshoots here on both sides of the cliff.
  const auto s = custom("0:0.9999,0.45:0.99,0.55:0.02,1:0.01");
  for (std::size_t t = 1; t < s.alphaBar.size(); ++t) QVERIFY(s.alphaBar[t] <= s.alphaBar[t - 1]);
  for (const double beta : s.betas) QVERIFY(beta >= 0.0 && beta < 1.0);
}

void TestCustomCurve::straightStaysStraight() {
  const auto values = customAlphaBar({{0.0, 0.9}, {0.3, 0.66}, {1.0, 0.1}}, 101);
  for (std::size_t t = 0; t < values.size(); ++t)
    QVERIFY(std::abs(values[t] - (0.9 - 0.008 * static_cast<double>(t))) < 1e-12);
}

void TestCustomCurve::refusals_data() {
  QTest::addColumn<QString>("points");
  QTest::addColumn<QString>("says");
  QTest::newRow("rises") << QStringLiteral("0:0.9,0.5:0.95,1:0.1") << QStringLiteral("rises or rests");
  QTest::newRow("rests") << QStringLiteral("0:0.9,0.5:0.9,1:0.1") << QStringLiteral("rises or rests");
  QTest::newRow("one point") << QStringLiteral("0:0.9") << QStringLiteral("at least two points");
  QTest::newRow("nonsense") << QStringLiteral("up, then down") << QStringLiteral("at least two points");
  QTest::newRow("short") << QStringLiteral("0:0.9,0.8:0.1") << QStringLiteral("share 0 to share 1");
  QTest::newRow("order") << QStringLiteral("0:0.9,0.6:0.5,0.4:0.3,1:0.1") << QStringLiteral("does not lie after");
  QTest::newRow("too close") << QStringLiteral("0:0.9,1e-310:0.5,1:0.1") << QStringLiteral("closer together");
  QTest::newRow("above 1") << QStringLiteral("0:1.1,1:0.1") << QStringLiteral("outside");
  QTest::newRow("below 0") << QStringLiteral("0:0.9,1:-0.1") << QStringLiteral("outside");
  QTest::newRow("nothing added") << QStringLiteral("0:1,1:0.1") << QStringLiteral("outside");
}

void TestCustomCurve::refusals() {
  QFETCH(QString, points);
  QFETCH(QString, says);
  const auto sentence = QString::fromStdString(firstSentence(points.toStdString()));
  QVERIFY2(sentence.startsWith(QStringLiteral("schedule.points: ")) && sentence.contains(says), qPrintable(sentence));
  QVERIFY_THROWS_EXCEPTION(dw::Error, custom(points.toStdString()));
}

void TestCustomCurve::oneStepAndAMillion() {
  for (const auto& [kind, key, label, why, oldKey] : dw::config::choices<dw::config::ScheduleKind>()) {
    const bool zeroSnr = betaKind(kind).zeroTerminalSnr;
    for (const std::int64_t steps : {std::int64_t{zeroSnr ? 2 : 1}, kMaxSteps}) {
      const auto s = makeNoiseSchedule({.kind = kind, .steps = steps});
      QCOMPARE(s.steps(), steps);
      QVERIFY2(std::ranges::all_of(s.alphaBar, [](double a) { return a >= 0.0 && a <= 1.0; }), key.data());
      QVERIFY2(std::ranges::all_of(s.betas, [](double b) { return b >= 0.0 && b <= 1.0; }), key.data());
    }
  }
}

void TestCustomCurve::endsAtZeroIfAsked() {
  QVERIFY(endsAtPureNoise(custom("0:0.999,0.5:0.4,1:0")));
  QVERIFY(!endsAtPureNoise(custom("0:0.999,0.5:0.4,1:0.0001")));
}

void TestCustomCurve::flowPath() {
  const auto s = makeNoiseSchedule({.kind = dw::config::ScheduleKind::Flow, .steps = 1000});
  QVERIFY(std::abs(s.sigmaEdm[499] - 1.0) < 1e-9);  // halfway there is as much noise as picture
  QVERIFY(endsAtPureNoise(s));
  const auto shifted = makeNoiseSchedule({.kind = dw::config::ScheduleKind::Flow, .steps = 1000, .shift = 3.0});
  QVERIFY(std::abs(shifted.sigmaEdm[499] - 3.0) < 1e-9);  // time 3 * 0.5 / 2 = 0.75
  const auto problems = validate(dw::config::ScheduleSettings{.kind = dw::config::ScheduleKind::Flow, .shift = -1.0});
  QCOMPARE(problems.front().field, std::string("schedule.shift"));
}

QTEST_APPLESS_MAIN(TestCustomCurve)
#include "tst_custom_curve.moc"
