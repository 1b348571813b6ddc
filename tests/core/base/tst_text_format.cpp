// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "base/text_format.h"

using namespace dw;

class TestTextFormat : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void oneAndMany() {
    QCOMPARE(countText(0, "step"), std::string("0 steps"));
    QCOMPARE(countText(1, "step"), std::string("1 step"));
    QCOMPARE(countText(2, "step"), std::string("2 steps"));
    QCOMPARE(countText(std::size_t{1}, "update is", "updates are"), std::string("1 update is"));
    QCOMPARE(countText(std::uint64_t{3}, "class", "classes"), std::string("3 classes"));
    QCOMPARE(nounText(1, "is", "are"), std::string("is"));
    QCOMPARE(nounText(4, "is", "are"), std::string("are"));
  }

  void durations() {
    QCOMPARE(durationText(0.0), std::string("0:00"));
    QCOMPARE(durationText(133.2), std::string("2:14"));
    QCOMPARE(durationText(3729.0), std::string("1:02:09"));
    QCOMPARE(durationText(2.5 * 86400), std::string("2.5 days"));
    QCOMPARE(durationText(-1.0), std::string("0:00"));
    QCOMPARE(durationText(std::nan("")), std::string("0:00"));
    QCOMPARE(roughDurationText(0.354), std::string("0.35 s"));
    QCOMPARE(roughDurationText(45.0), std::string("45 s"));
    QCOMPARE(roughDurationText(720.0), std::string("12 min"));
    QCOMPARE(roughDurationText(3.5 * 3600), std::string("3.5 h"));
    QCOMPARE(roughDurationText(3.0 * 86400), std::string("3 days"));
    QCOMPARE(secondsText(3.214), std::string("3.21 s"));
  }

  void sizes() {
    QCOMPARE(sizeText(0), std::string("0 B"));
    QCOMPARE(sizeText(999), std::string("999 B"));
    QCOMPARE(sizeText(1234), std::string("1.2 kB"));
    QCOMPARE(sizeText(57'000'000), std::string("57 MB"));
    QCOMPARE(mebibytesText((12U << 20) + 5), std::string("12 MiB"));
    QCOMPARE(gibibytesText(1'342'177'280), std::string("1.25 GiB"));
  }
};

QTEST_APPLESS_MAIN(TestTextFormat)
#include "tst_text_format.moc"
