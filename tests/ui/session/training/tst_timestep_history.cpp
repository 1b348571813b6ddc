// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "session/training/timestep_history.h"

using namespace dw;
using namespace dw::ui;

class TestTimestepHistory : public QObject {
  Q_OBJECT

  /// Step s has one sample in bin s % 20, of loss s.
  static messages::StepMetrics step(std::int64_t s) {
    messages::StepMetrics m;
    m.step = s;
    const auto bin = static_cast<std::size_t>(s % messages::kTimestepBins);
    m.lossSum[bin] = static_cast<float>(s);
    m.lossCount[bin] = 1.0F;
    return m;
  }

  static double total(const TimestepHistory& history, bool counts) {
    double all = 0.0;
    for (const auto& column : history.columns()) {
      for (const double v : counts ? column.count : column.sum) all += v;
    }
    return all;
  }

 private Q_SLOTS:
  void nothingIsLostWhileColumnsJoin() {
    TimestepHistory history;
    constexpr std::int64_t kSteps = 100'000;
    double sum = 0.0;
    for (std::int64_t s = 1; s <= kSteps; ++s) {
      history.append(step(s));
      sum += static_cast<double>(s);
      QVERIFY(history.columns().size() <= TimestepHistory::kMostColumns);
    }
    QCOMPARE(history.lastStep(), kSteps);
    QCOMPARE(history.stride(), std::int64_t{128});
    QCOMPARE(total(history, true), static_cast<double>(kSteps));
    QCOMPARE(total(history, false), sum);
    std::int64_t next = 1;  // columns follow one another without gap or overlap, aligned to the stride
    for (const auto& column : history.columns()) {
      QCOMPARE(column.first, next);
      QCOMPARE((column.first - 1) % history.stride(), std::int64_t{0});
      next = column.last + 1;
    }
    QCOMPARE(next, kSteps + 1);
  }

  void aStepCountsOnce() {
    TimestepHistory history;
    history.append(step(5));
    history.append(step(5));
    history.append(step(4));
    QCOMPARE(total(history, true), 1.0);
    QCOMPARE(history.columns().front().mean(5), 5.0);
    QVERIFY(std::isnan(history.columns().front().mean(6)));
  }

  /// The page that shows which timesteps were drawn lives on it: columns that join, steps told twice, a gap mended from the file.
  void totalIsOverAllSteps() {
    TimestepHistory live, file;
    QCOMPARE(live.total().last, std::int64_t{0});
    QCOMPARE(live.total().count[0], 0.0);
    for (std::int64_t s = 1; s <= 5000; ++s) file.append(step(s));
    for (std::int64_t s = 4001; s <= 6000; ++s) live.append(step(s));
    live.append(step(6000));
    QCOMPARE(live.total().first, std::int64_t{4001});
    QCOMPARE(live.total().count[7], 100.0);
    live.merge(file);
    QCOMPARE(live.total().first, std::int64_t{1});
    QCOMPARE(live.total().last, std::int64_t{6000});
    for (std::size_t bin = 0; bin < messages::kTimestepBins; ++bin) QCOMPARE(live.total().count[bin], 300.0);
    QCOMPARE(live.total().mean(0), 3010.0);  // of 20, 40, ... 6,000
    live.clear();
    QCOMPARE(live.total().last, std::int64_t{0});
    QCOMPARE(live.total().count[7], 0.0);
  }

  void newestIsAWindow() {
    TimestepHistory history;
    QCOMPARE(history.newest(10).last, std::int64_t{0});
    for (std::int64_t s = 1; s <= 10'000; ++s) history.append(step(s));
    const auto newest = history.newest(40);
    QCOMPARE(newest.first, std::int64_t{9'961});
    QCOMPARE(newest.last, std::int64_t{10'000});
    QCOMPARE(newest.count[0], 2.0);
    QCOMPARE(newest.mean(0), 9'990.0);  // steps 9,980 and 10,000
    QCOMPARE(history.newest(1'000'000).first, 10'001 - static_cast<std::int64_t>(TimestepHistory::kNewest));
  }

  void aroundTakesWholeColumnsOnBothSides() {
    TimestepHistory history;
    QCOMPARE(history.around(3, 10).last, std::int64_t{0});
    for (std::int64_t s = 1; s <= 1000; ++s) history.append(step(s));  // a column each
    const auto some = history.around(500, 100);
    QVERIFY(some.first <= 500 && some.last >= 500 && some.last - some.first + 1 >= 100 && some.last - some.first < 110);
    QCOMPARE(history.around(1, 100).first, std::int64_t{1});
    QVERIFY(history.around(1, 100).last >= 100);
    QCOMPARE(history.around(99'999, 10).last, std::int64_t{1000});
    QCOMPARE(history.around(7, 1).first, std::int64_t{7});
    const auto all = history.around(300, 1'000'000);
    QVERIFY(all.first == 1 && all.last == 1000);
  }

  void aGapIsMendedFromTheFile() {
    TimestepHistory live, file;
    for (std::int64_t s = 1; s <= 3000; ++s) file.append(step(s));
    for (std::int64_t s = 1; s <= 3500; ++s) {
      if (s < 1000 || s > 2000) live.append(step(s));  // the ring dropped a thousand
    }
    live.merge(file);
    QCOMPARE(live.lastStep(), std::int64_t{3500});
    QCOMPARE(total(live, true), 3500.0);
  }
};

QTEST_APPLESS_MAIN(TestTimestepHistory)
#include "tst_timestep_history.moc"
