// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLocale>
#include <QTest>
#include <limits>

#include "numbers/number_text.h"

using namespace dw::ui;

class TestNumberText : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English)); }

  void shortNumbers() {
    QCOMPARE(shortNumber(0.0), QStringLiteral("0"));
    QCOMPARE(shortNumber(0.7314), QStringLiteral("0.731"));
    QCOMPARE(shortNumber(-12.34), QStringLiteral("\u221212.3"));
    QCOMPARE(shortNumber(0.00123), QStringLiteral("0.0012"));
    QCOMPARE(shortNumber(1.5e-5), QStringLiteral("1.5e\u22125"));
    QCOMPARE(shortNumber(-0.000164), QStringLiteral("\u22121.6e\u22124"));
    QCOMPARE(shortNumber(123456.0), QStringLiteral("1.23e5"));
    QCOMPARE(shortNumber(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("NaN"));
  }

  void countsAndSizes() {
    QCOMPARE(count(119829), QStringLiteral("119,829"));
    QCOMPARE(sizeText(50'331'648), QStringLiteral("50.3 MB"));
    QCOMPARE(gibibytesText(1'342'177'280), QStringLiteral("1.25 GiB"));
  }

  void durations() {
    QCOMPARE(durationText(0.0), QStringLiteral("0:00"));
    QCOMPARE(durationText(133.2), QStringLiteral("2:14"));
    QCOMPARE(durationText(3729.0), QStringLiteral("1:02:09"));
    QVERIFY(durationText(3.0 * 86400).contains(QStringLiteral("days")));
    QCOMPARE(durationText(2.5 * 86400), QStringLiteral("2.5 days"));
    QCOMPARE(durationText(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("0:00"));
    QCOMPARE(roughDurationText(0.354), QStringLiteral("0.35 s"));
    QCOMPARE(roughDurationText(45.0), QStringLiteral("45 s"));
    QCOMPARE(roughDurationText(720.0), QStringLiteral("12 min"));
    QCOMPARE(roughDurationText(3.5 * 3600), QStringLiteral("3.5 h"));
    QCOMPARE(roughDurationText(3.0 * 86400), QStringLiteral("3 days"));
    QCOMPARE(secondsText(3.21), QStringLiteral("3.2 s"));
  }

  void pluralsFitInt() {
    QCOMPARE(plural(1), 1);
    QCOMPARE(plural(0), 0);
    QCOMPARE(plural(5'000'000'000), std::numeric_limits<int>::max());
  }
};

QTEST_APPLESS_MAIN(TestNumberText)
#include "tst_number_text.moc"
