// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <algorithm>
#include <cmath>
#include <random>

#include "plots/min_max_series.h"

using namespace dw::ui;

/// The decimator against brute force, on random data.
class TestMinMaxSeries : public QObject {
  Q_OBJECT

  static MinMaxSeries randomSeries(std::size_t count, unsigned seed, bool evenSteps) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> noise;
    std::uniform_real_distribution<double> gap(0.0, 3.0);
    MinMaxSeries series;
    double x = 1.0;
    for (std::size_t i = 0; i < count; ++i) {
      series.append(x, noise(random) * (random() % 500 == 0 ? 100.0 : 1.0));
      x += evenSteps ? 1.0 : gap(random);
    }
    return series;
  }

  /// Each column of the decimated curve has the first, least, greatest and last value of all points that fall into it.
  static void compare(const MinMaxSeries& all, const std::vector<double>& edges) {
    const auto kept = all.decimate(edges);
    QVERIFY(kept.size() <= 4 * (edges.size() - 1) + 2);
    QVERIFY(std::is_sorted(kept.begin(), kept.end(), [](auto& a, auto& b) { return a.x < b.x; }));
    for (std::size_t c = 1; c < edges.size(); ++c) {
      const bool last = c + 1 == edges.size();
      const auto inside = [&](double x) { return x >= edges[c - 1] && (x < edges[c] || (last && x == edges[c])); };
      std::vector<double> full, few;
      for (std::size_t i = all.lowerBound(edges[c - 1]); i < all.size() && inside(all.x(i)); ++i)
        full.push_back(all.y(i));
      for (const auto& p : kept) {
        if (inside(p.x)) few.push_back(p.y);
      }
      QCOMPARE(few.empty(), full.empty());
      if (full.empty()) continue;
      QCOMPARE(*std::min_element(few.begin(), few.end()), *std::min_element(full.begin(), full.end()));
      QCOMPARE(*std::max_element(few.begin(), few.end()), *std::max_element(full.begin(), full.end()));
      QCOMPARE(few.front(), full.front());
      QCOMPARE(few.back(), full.back());
    }
  }

  static std::vector<double> evenEdges(double from, double to, int columns) {
    std::vector<double> edges;
    for (int i = 0; i <= columns; ++i) edges.push_back(from + (to - from) * i / columns);
    return edges;
  }

 private Q_SLOTS:
  void countOutsideAsBruteForce() {
    const auto series = randomSeries(150'000, 5, true);
    std::mt19937_64 random(6);
    for (int trial = 0; trial < 100; ++trial) {
      std::size_t first = random() % series.size(), last = random() % series.size();
      if (first > last) std::swap(first, last);
      const double high = static_cast<double>(random() % 100) / 10.0, low = -high * 0.7;
      MinMaxSeries::Outside expected;
      for (std::size_t i = first; i < last; ++i) {
        expected.above += series.y(i) > high ? 1 : 0;
        expected.below += series.y(i) < low ? 1 : 0;
      }
      const auto found = series.countOutside(first, last, low, high);
      QCOMPARE(found.above, expected.above);
      QCOMPARE(found.below, expected.below);
    }
  }

  void extremesAsBruteForce() {
    const auto series = randomSeries(300'000, 1, true);
    std::mt19937_64 random(2);
    for (int trial = 0; trial < 200; ++trial) {
      std::size_t a = random() % series.size();
      std::size_t b = random() % series.size();
      if (trial % 2 == 0) b = a + random() % 200;
      if (a > b) std::swap(a, b);
      b = std::min(b + 1, series.size());
      std::size_t least = a, greatest = a;
      for (std::size_t i = a; i < b; ++i) {
        if (series.y(i) < series.y(least)) least = i;
        if (series.y(i) > series.y(greatest)) greatest = i;
      }
      const auto found = series.extremes(a, b);
      QCOMPARE(series.y(found.min), series.y(least));
      QCOMPARE(series.y(found.max), series.y(greatest));
      QVERIFY(found.min >= a && found.min < b && found.max >= a && found.max < b);
    }
  }

  void extremesAtEverySmallSize() {
    MinMaxSeries series;
    std::mt19937 random(3);
    double least = 1e9, greatest = -1e9;
    for (int i = 0; i < 9000; ++i) {
      const double y = static_cast<double>(random() % 100'000);
      least = std::min(least, y);
      greatest = std::max(greatest, y);
      series.append(i, y);
      const auto found = series.extremes(0, series.size());
      QCOMPARE(series.y(found.min), least);
      QCOMPARE(series.y(found.max), greatest);
    }
  }

  void decimatesExactly_data() {
    QTest::addColumn<int>("count");
    QTest::addColumn<bool>("even");
    QTest::newRow("one point") << 1 << true;
    QTest::newRow("few") << 50 << true;
    QTest::newRow("as many as columns") << 700 << true;
    QTest::newRow("many") << 200'000 << true;
    QTest::newRow("many, uneven") << 200'000 << false;
  }

  void decimatesExactly() {
    QFETCH(int, count);
    QFETCH(bool, even);
    const auto series = randomSeries(static_cast<std::size_t>(count), 4, even);
    const double first = series.x(0), last = series.x(series.size() - 1);
    compare(series, evenEdges(first, last + 1.0, 700));
    compare(series, evenEdges(first + 0.3 * (last - first), first + 0.31 * (last - first) + 0.5, 333));
    compare(series, evenEdges(-100.0, last + 100.0, 64));
    std::vector<double> log;
    for (int i = 0; i <= 500; ++i) log.push_back(std::pow(10.0, std::log10(last + 2.0) * i / 500.0));
    compare(series, log);
  }

  /// The bounds that several series share are those that a search for each edge finds.
  void columnsAsBruteForce() {
    for (const bool even : {true, false}) {
      const auto series = randomSeries(20'000, 7, even);
      const double last = series.x(series.size() - 1);
      for (const auto& edges : {evenEdges(-50.0, last + 50.0, 300), evenEdges(100.25, 130.5, 400),
                                evenEdges(1.0, last, 64), evenEdges(last + 1.0, last + 9.0, 3)}) {
        const auto bounds = series.columns(edges);
        QCOMPARE(bounds.size(), edges.size());
        for (std::size_t i = 0; i < edges.size(); ++i) {
          const bool closed = i + 1 == edges.size();
          std::size_t expected = series.lowerBound(edges[i]);
          while (closed && expected < series.size() && series.x(expected) == edges[i]) ++expected;
          QCOMPARE(bounds[i], expected);
        }
      }
    }
    QVERIFY(MinMaxSeries().decimateColumns(MinMaxSeries().columns(evenEdges(0.0, 1.0, 5))).empty());
  }

  void keepsOneNeighbourBeyondEachEnd() {
    const auto series = randomSeries(1000, 5, true);
    const auto kept = series.decimate(evenEdges(400.5, 410.5, 5));
    QCOMPARE(kept.front().x, 400.0);
    QCOMPARE(kept.back().x, 411.0);
    QCOMPARE(series.decimate(evenEdges(2000.0, 3000.0, 5)).size(), std::size_t{1});
    QVERIFY(MinMaxSeries().decimate(evenEdges(0.0, 1.0, 5)).empty());
  }

  void nearestPoint() {
    MinMaxSeries series;
    for (const double x : {1.0, 2.0, 10.0}) series.append(x, x);
    QCOMPARE(series.nearest(-5.0), std::size_t{0});
    QCOMPARE(series.nearest(1.6), std::size_t{1});
    QCOMPARE(series.nearest(5.9), std::size_t{1});
    QCOMPARE(series.nearest(6.1), std::size_t{2});
    QCOMPARE(series.nearest(99.0), std::size_t{2});
  }

  /// A view of a million points must leave most of a 33 ms frame to the drawing.
  void millionPointsInTime() {
    const auto series = randomSeries(1'000'000, 6, true);
    const auto edges = evenEdges(1.0, 1e6, 1600);
    QElapsedTimer timer;
    timer.start();
    constexpr int kViews = 20;
    std::size_t points = 0;
    for (int i = 0; i < kViews; ++i) points += series.decimate(edges).size();
    QVERIFY(points > 0 && points <= kViews * 1600U * 4U);
    const double ms = static_cast<double>(timer.nsecsElapsed()) * 1e-6 / kViews;
    qInfo("a view of 1,000,000 points in 1,600 columns: %.3f ms", ms);  // told, not asserted
  }
};

QTEST_APPLESS_MAIN(TestMinMaxSeries)
#include "tst_min_max_series.moc"
