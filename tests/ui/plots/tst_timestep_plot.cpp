// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <cmath>

#include "plots/timestep_chart.h"
#include "plots/timestep_plot.h"

using namespace dw;
using namespace dw::ui;

class TestTimestepPlot : public QObject {
  Q_OBJECT

  /// A loss that is 1 at small t for ever and falls with the steps at large t.
  static double lossAt(std::int64_t step, int bin) { return std::pow(static_cast<double>(step), -bin / 40.0); }

  static TimestepHistory history(std::int64_t steps) {
    TimestepHistory made;
    for (std::int64_t s = 1; s <= steps; ++s) {
      messages::StepMetrics m;
      m.step = s;
      for (int bin = 0; bin < messages::kTimestepBins; ++bin) {
        m.lossSum[static_cast<std::size_t>(bin)] = static_cast<float>(2.0 * lossAt(s, bin));
        m.lossCount[static_cast<std::size_t>(bin)] = 2.0F;
      }
      made.append(m);
    }
    return made;
  }

  struct Bench {
    TimestepPlot plot;
    TimestepChart* chart = plot.findChild<TimestepChart*>();
    QCPColorMap* map = nullptr;
    explicit Bench(const TimestepHistory& history) {
      plot.resize(900, 480);
      plot.show();
      plot.setHistory(&history, 1000);
      chart->replot();
      map = qobject_cast<QCPColorMap*>(chart->plottable(0));
    }
  };

 private Q_SLOTS:
  void cellsAreMeansOfTheirSteps() {
    const auto losses = history(5000);
    Bench b(losses);
    QVERIFY(b.map);
    auto* data = b.map->data();
    QCOMPARE(data->valueSize(), messages::kTimestepBins);
    QVERIFY(data->keySize() > 40 && data->keySize() <= 100);
    for (int bin = 0; bin < messages::kTimestepBins; ++bin) {
      const auto stepsPerCell = static_cast<std::int64_t>(std::lround(data->keyRange().size() / (data->keySize() - 1)));
      double sum = 0.0;
      for (std::int64_t s = 1; s <= stepsPerCell; ++s) sum += lossAt(s, bin);
      QVERIFY(std::abs(data->cell(0, bin) - sum / static_cast<double>(stepsPerCell)) < 1e-6);
    }
    QCOMPARE(b.map->dataScaleType(), QCPAxis::stLogarithmic);
  }

  void changeIsZeroAtTheStartAndSymmetric() {
    const auto losses = history(5000);
    Bench b(losses);
    b.plot.findChild<QComboBox*>(QStringLiteral("timestepColors"))->setCurrentIndex(1);
    b.chart->replot();
    QCOMPARE(b.map->dataRange().lower, -b.map->dataRange().upper);
    const int last = b.map->data()->keySize() - 1;
    QVERIFY(std::abs(b.map->data()->cell(last, 0)) < 0.01);  // nothing was learnt there
    QVERIFY(b.map->data()->cell(last, messages::kTimestepBins - 1) < -1.0);
  }

  void aClickComparesWithThatStep() {
    const auto losses = history(2000);
    Bench b(losses);
    QCOMPARE(b.chart->then().first, std::int64_t{1});
    auto* rect = b.chart->axisRect(0);
    const QPoint at(static_cast<int>(rect->axis(QCPAxis::atBottom)->coordToPixel(1500.0)), rect->center().y());
    QTest::mouseMove(b.chart, at);
    auto* readout = b.plot.findChild<QLabel*>(QStringLiteral("timestepReadout"));
    QTRY_VERIFY(readout->text().contains(QStringLiteral("mean loss")));
    QTest::mouseClick(b.chart, Qt::LeftButton, Qt::NoModifier, at);
    QVERIFY(b.chart->then().first <= 1500 && b.chart->then().last >= 1500);
    auto* fromStart = b.plot.findChild<QPushButton*>(QStringLiteral("timestepFromStart"));
    QVERIFY(fromStart->isEnabled());
    QTest::mouseClick(fromStart, Qt::LeftButton);
    QCOMPARE(b.chart->then().first, std::int64_t{1});
    QCOMPARE(b.chart->now().last, std::int64_t{2000});
  }

  void emptySaysWhatToDo() {
    TimestepHistory none;
    Bench b(none);
    b.plot.setEmptyText(QStringLiteral("Press Train."));
    auto* empty = b.plot.findChild<QLabel*>(QStringLiteral("emptyTimesteps"));
    QVERIFY(empty->isVisible());
    none = history(3);
    b.plot.dataChanged();
    QVERIFY(!empty->isVisible());
    b.chart->replot();  // three steps are drawn without a crash
    none.clear();
    b.plot.dataChanged();
    QVERIFY(empty->isVisible());
  }

  void narrowPutsTheCurveBelow() {
    const auto losses = history(100);
    Bench b(losses);
    QVERIFY(b.chart->axisRect(1)->left() > b.chart->axisRect(0)->right());
    b.plot.resize(420, 600);
    QTRY_VERIFY(b.chart->axisRect(1)->top() > b.chart->axisRect(0)->bottom());
    QVERIFY(b.plot.minimumSizeHint().width() <= 420);
  }
};

QTEST_MAIN(TestTimestepPlot)
#include "tst_timestep_plot.moc"
