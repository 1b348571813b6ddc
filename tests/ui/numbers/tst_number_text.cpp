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
    QCOMPARE(fileSize(50'331'648), QStringLiteral("50.3 MB"));
  }
};

QTEST_APPLESS_MAIN(TestNumberText)
#include "tst_number_text.moc"
