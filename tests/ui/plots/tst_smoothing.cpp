// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <random>
#include <vector>

#include "plots/ema_smoother.h"
#include "plots/loss_data.h"
#include "plots/redraw_governor.h"

using namespace dw::ui;

class TestSmoothing : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// m_n = sum_i (1 - b) b^(n - i) x_i / (1 - b^n), summed from scratch for each n.
  void closedForm() {
    constexpr double kWindow = 20.0;
    constexpr double kB = 1.0 - 1.0 / kWindow;
    std::mt19937_64 random(1);
    std::normal_distribution<double> noise(1.0, 0.3);
    EmaSmoother smoother(kWindow);
    std::vector<double> xs;
    for (int n = 1; n <= 300; ++n) {
      xs.push_back(noise(random));
      double sum = 0.0, weights = 0.0;
      for (int i = 1; i <= n; ++i) {
        const double w = (1.0 - kB) * std::pow(kB, n - i);
        sum += w * xs[static_cast<std::size_t>(i) - 1];
        weights += w;
      }
      const double smooth = smoother.push(xs.back());
      QVERIFY2(std::abs(smooth - sum / weights) < 1e-12, qPrintable(QString::number(n)));
    }
  }

  void startsAtTheFirstValueAndKeepsConstants() {
    EmaSmoother smoother(1000.0);
    for (int i = 0; i < 50; ++i) QVERIFY(std::abs(smoother.push(2.5) - 2.5) < 1e-12);
  }

  void windowOfOneIsTheInput() {
    EmaSmoother smoother(1.0);
    for (const double x : {3.0, -1.0, 0.0, 7.5}) QCOMPARE(smoother.push(x), x);
  }

  void newWindowRecomputesAllAndGoesOn() {
    LossData changed, fresh;
    changed.setWindow(5.0);
    fresh.setWindow(40.0);
    for (int i = 1; i <= 500; ++i) {
      if (i == 250) changed.setWindow(40.0);
      changed.append(i, std::sin(i * 0.7), 1e-3, 1.0);
      fresh.append(i, std::sin(i * 0.7), 1e-3, 1.0);
    }
    for (std::size_t i = 0; i < fresh.size(); ++i) QCOMPARE(changed.smooth().y(i), fresh.smooth().y(i));
  }

  void countsWhatALogAxisCannotShow() {
    LossData data;
    for (const double loss : {1.0, 0.0, -0.5, 2.0})
      data.append(static_cast<std::int64_t>(data.size()) + 1, loss, 1.0, 1.0);
    QCOMPARE(data.notPositive(), std::size_t{2});
  }

  void redrawsStayUnderOnePercent() {
    RedrawGovernor governor;
    QCOMPARE(governor.intervalMs(), RedrawGovernor::kShortestMs);
    for (int i = 0; i < 50; ++i) governor.measured(0.2);
    // 0.2 ms could be drawn each 20 ms, but 20 Hz is enough
    QCOMPARE(governor.intervalMs(), RedrawGovernor::kShortestMs);
    for (int i = 0; i < 50; ++i) governor.measured(4.0);
    QVERIFY(std::abs(governor.intervalMs() - 400.0) < 1.0);
    QVERIFY(std::abs(governor.waitMs(150.0, false) - 250.0) < 1.0);
    QCOMPARE(governor.waitMs(150.0, true), 0.0);
    QCOMPARE(governor.waitMs(5000.0, false), 0.0);
    for (int i = 0; i < 50; ++i) governor.measured(900.0);
    QCOMPARE(governor.intervalMs(), RedrawGovernor::kLongestMs);
  }
};

QTEST_APPLESS_MAIN(TestSmoothing)
#include "tst_smoothing.moc"
