// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLocale>
#include <QTest>

#include "numbers/typed_number.h"

using namespace dw::ui;

/// One rule for typed numbers, whatever the language of the desktop.
class TestTypedNumber : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() { QLocale::setDefault(QLocale::c()); }

  void reads_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("value");
    QTest::newRow("point") << "0.001" << 0.001;
    QTest::newRow("exponent") << "3e-4" << 3e-4;
    QTest::newRow("blanks") << "  2.5 " << 2.5;
    QTest::newRow("comma that looks like a group") << "0,001" << 0.001;
    QTest::newRow("comma") << "2,5" << 2.5;
    QTest::newRow("comma and exponent") << "1,5e-3" << 1.5e-3;
    QTest::newRow("comma first") << ",25" << 0.25;
    QTest::newRow("negative") << "-0,125" << -0.125;
    QTest::newRow("no group: four digits behind") << "1,0005" << 1.0005;
    QTest::newRow("no group: four digits before") << "1234,567" << 1234.567;
  }
  void reads() {
    QFETCH(QString, text);
    QFETCH(double, value);
    for (const auto& language : {QLocale(QLocale::English), QLocale(QLocale::German)}) {
      QLocale::setDefault(language);
      const auto typed = typedNumber(text);
      QVERIFY(typed);
      QCOMPARE(*typed, value);
      QVERIFY(whyNoNumber(text).isEmpty());
    }
  }

  void refuses_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"", "fast", "1,000", "-12,345", "1,000e2", "1,000,000", "1,000.5", "1.000,5", "1.000.000",
                             "1,2,3", ",", "inf", "nan", "1e999", "1 000"}) {
      QTest::addRow("'%s'", text) << QString::fromLatin1(text);
    }
  }
  void refuses() {
    QFETCH(QString, text);
    for (const auto& language : {QLocale(QLocale::English), QLocale(QLocale::German)}) {
      QLocale::setDefault(language);
      QVERIFY(!typedNumber(text));
      QVERIFY(!typedWhole(text));
      QVERIFY(!whyNoNumber(text).isEmpty());
    }
  }

  void bothReadingsAreNamed() {
    const QString why = whyNoNumber(QStringLiteral("1,250"));
    QVERIFY2(why.contains(QStringLiteral("1.250")) && why.contains(QStringLiteral("1250")), qPrintable(why));
  }

  void wholeNumbers() {
    QCOMPARE(typedWhole(QStringLiteral(" 250 ")), std::optional<qint64>(250));
    QCOMPARE(typedWhole(QStringLiteral("1e4")), std::optional<qint64>(10'000));
    QCOMPARE(typedWhole(QStringLiteral("9223372036854775807")), std::optional<qint64>(9'223'372'036'854'775'807));
    for (const char* bad : {"2,5", "2.5", "1,000", "1e300", ""}) QVERIFY2(!typedWhole(QString::fromLatin1(bad)), bad);
  }

  void otherParsersGetAPoint() {
    QCOMPARE(withDecimalPoint(QStringLiteral("0,001")), QStringLiteral("0.001"));
    for (const char* same : {"0.001", "1,000", "1,2,3", "64,128,256", "a,b"})
      QCOMPARE(withDecimalPoint(QString::fromLatin1(same)), QString::fromLatin1(same));
  }
};

QTEST_APPLESS_MAIN(TestTypedNumber)
#include "tst_typed_number.moc"
