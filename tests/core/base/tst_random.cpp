// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "base/half.h"
#include "base/random.h"

using namespace dw;

class TestRandom : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// Known answer of Random123 for Philox4x32-10 with key 0 and counter 0 (kat_vectors of its distribution).
  void philoxKnownAnswer() {
    Philox zero(0);
    QCOMPARE(zero(), 0x6627e8d5U);
    QCOMPARE(zero(), 0xe169c58dU);
    QCOMPARE(zero(), 0xbc57ac4cU);
    QCOMPARE(zero(), 0x9b00dbd8U);
  }

  void streamsArePureAndApart() {
    QCOMPARE(streamSeed(1, "noise", 7), streamSeed(1, "noise", 7));
    std::set<std::uint64_t> seeds;
    for (std::uint64_t run = 0; run < 4; ++run) {
      for (const char* name : {"noise", "batch", "timestep"}) {
        for (std::uint64_t step = 0; step < 100; ++step) {
          for (std::uint64_t micro = 0; micro < 3; ++micro) seeds.insert(streamSeed(run, name, step, micro));
        }
      }
    }
    QCOMPARE(seeds.size(), std::size_t{4 * 3 * 100 * 3});
  }

  void belowIsUniform() {
    Philox random(3);
    std::vector<int> counts(7);
    constexpr int kDraws = 70'000;
    for (int i = 0; i < kDraws; ++i) ++counts[random.below(7)];
    double chi = 0.0;
    for (const int count : counts) chi += std::pow(count - kDraws / 7.0, 2) / (kDraws / 7.0);
    QVERIFY2(chi < 22.5, qPrintable(QString::number(chi)));  // 6 degrees of freedom, p = 0.001
  }

  void normalHasItsMoments() {
    Philox random(5);
    constexpr int kDraws = 100'000;
    double sum = 0.0, squares = 0.0, fourth = 0.0;
    for (int i = 0; i < kDraws; ++i) {
      const double z = random.normal();
      sum += z;
      squares += z * z;
      fourth += z * z * z * z;
    }
    QVERIFY(std::abs(sum / kDraws) < 0.015);
    QVERIFY(std::abs(squares / kDraws - 1.0) < 0.02);
    QVERIFY(std::abs(fourth / kDraws - 3.0) < 0.15);
  }

  void everyHalfSurvivesTheRoundTrip() {
    for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
      const auto half = static_cast<std::uint16_t>(bits);
      const float value = halfToFloat(half);
      const bool isNan = (bits & 0x7C00U) == 0x7C00U && (bits & 0x3FFU) != 0;
      QCOMPARE(std::isnan(value), isNan);
      if (!isNan) QCOMPARE(floatToHalf(value), half);
    }
    QCOMPARE(halfToFloat(0x3C00), 1.0F);
    QCOMPARE(halfToFloat(0x0001), 0x1.0p-24F);
    QCOMPARE(floatToHalf(65520.0F), std::uint16_t{0x7C00});
    QCOMPARE(floatToHalf(1.0F + 0x1.0p-11F), std::uint16_t{0x3C00});  // half way: to even
    QCOMPARE(bfloat16ToFloat(0x3FC0), 1.5F);
  }

  /// Around every border between two halves.
  void floatsBecomeTheNearestHalf() {
    std::vector<float> values;
    std::vector<std::uint16_t> nearest;
    for (std::uint32_t below = 0; below < 0x7C00; ++below) {
      const float next = below == 0x7BFF ? 65536.0F : halfToFloat(static_cast<std::uint16_t>(below + 1));
      const float border = (halfToFloat(static_cast<std::uint16_t>(below)) + next) / 2.0F;
      for (const std::uint32_t sign : {0x0U, 0x8000U}) {
        const auto add = [&](float value, std::uint32_t half) {
          values.push_back(sign != 0 ? -value : value);
          nearest.push_back(static_cast<std::uint16_t>(half | sign));
        };
        add(std::nextafter(border, 0.0F), below);
        add(border, below + (below & 1U));  // to even
        add(std::nextafter(border, 1e9F), below + 1);
      }
    }
    const float infinity = std::numeric_limits<float>::infinity();
    for (const auto& [value, half] : {std::pair{1e9F, 0x7C00}, std::pair{-infinity, 0xFC00},
                                      std::pair{std::numeric_limits<float>::quiet_NaN(), 0x7E00}}) {
      values.push_back(value);
      nearest.push_back(static_cast<std::uint16_t>(half));
    }
    for (std::size_t i = 0; i < values.size(); ++i) QCOMPARE(floatToHalf(values[i]), nearest[i]);
  }
};

QTEST_APPLESS_MAIN(TestRandom)
#include "tst_random.moc"
