// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QTest>

#include "plots/overlay_plot.h"
#include "plots/qcp.h"

using namespace dw;
using namespace dw::ui;

/// Losses of several runs in one chart.
class TestOverlayPlot : public QObject {
  Q_OBJECT

  static MetricsHistory losses(double times) {
    QList<messages::StepMetrics> all;
    double loss = 1.0;
    for (std::int64_t step = 1; step <= 50; ++step, loss *= times) {
      messages::StepMetrics m;
      m.step = step;
      m.loss = static_cast<float>(loss);
      all.append(m);
    }
    MetricsHistory history;
    history.append(all);
    return history;
  }

 private Q_SLOTS:
  /// One that flies off would press the others into one line; a logarithmic axis has room for it.
  void aCurveThatFliesOffLeavesTheOthersTheirSpace() {
    OverlayPlot plot;
    plot.resize(800, 400);
    plot.setRuns({{QStringLiteral("good"), QStringLiteral("0.001")}, {QStringLiteral("bad"), QStringLiteral("1")}});
    plot.setHistory(QStringLiteral("good"), losses(0.95));
    plot.setHistory(QStringLiteral("bad"), losses(1.8));  // up to 3e12
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    auto* chart = plot.findChild<QCustomPlot*>();
    chart->replot();
    QVERIFY(chart->yAxis->range().upper < 2.0 && chart->yAxis->range().lower > -0.5);
    QVERIFY(chart->xAxis->range().upper >= 50.0);
    plot.findChild<QCheckBox*>(QStringLiteral("overlayLogY"))->click();
    chart->replot();
    QVERIFY(chart->yAxis->range().upper > 1e9);
  }
};

QTEST_MAIN(TestOverlayPlot)
#include "tst_overlay_plot.moc"
