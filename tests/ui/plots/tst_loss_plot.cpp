// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QTest>
#include <QWheelEvent>
#include <array>
#include <cmath>

#include "plots/loss_axes.h"
#include "plots/loss_chart.h"
#include "plots/loss_plot.h"

using namespace dw;
using namespace dw::ui;

/// The plot with real mouse, wheel and key events.
class TestLossPlot : public QObject {
  Q_OBJECT

  static QList<messages::StepMetrics> steps(std::int64_t from, std::int64_t to) {
    QList<messages::StepMetrics> all;
    for (auto s = from; s <= to; ++s) {
      messages::StepMetrics m;
      m.step = s;
      m.loss = 1.0 / std::sqrt(static_cast<double>(s)) + 0.1 * std::sin(static_cast<double>(s) * 1.7);
      m.lr = 1e-3;
      m.gradNorm = 0.5;
      all.append(m);
    }
    return all;
  }

  template <class T>
  static T* find(LossPlot& plot, const char* name) {
    return plot.findChild<T*>(QLatin1String(name));
  }

  static void wheel(QWidget* on, QPoint at, int delta) {
    QWheelEvent event(at, on->mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(on, &event);
  }

  /// Pixels that are far from the background.
  static int inked(QWidget* widget) {
    const auto image = widget->grab().toImage();
    const QColor background = widget->palette().color(QPalette::Base);
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) {
        const QColor c = image.pixelColor(x, y);
        count += std::abs(c.red() - background.red()) + std::abs(c.blue() - background.blue()) > 60 ? 1 : 0;
      }
    }
    return count;
  }

 private Q_SLOTS:
  void pointsArriveAndAreDrawn() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    auto* empty = find<QLabel>(plot, "emptyPlot");
    plot.setEmptyText(QStringLiteral("Press Train."));
    QVERIFY(empty->isVisible());
    const int before = inked(&plot);
    plot.append(steps(1, 500));
    QVERIFY(!empty->isVisible());
    QCOMPARE(plot.pointCount(), std::size_t{500});
    QCOMPARE(plot.lossNear(7.2).value(), steps(7, 7)[0].loss);
    QTRY_VERIFY(inked(&plot) > before + 500);
    plot.clear();
    QCOMPARE(plot.pointCount(), std::size_t{0});
    QVERIFY(empty->isVisible());
    QVERIFY(!plot.lossNear(7.2));
  }

  void zoomSurvivesUpdatesUntilFollow() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    plot.append(steps(1, 300));
    auto* chart = find<QWidget>(plot, "lossChart");
    auto* follow = find<QPushButton>(plot, "followButton");
    QVERIFY(plot.isFollowing());
    QVERIFY(!follow->isEnabled());
    QTest::qWait(80);
    wheel(chart, chart->rect().center(), 240);
    QVERIFY(!plot.isFollowing());
    QVERIFY(follow->isEnabled());
    plot.append(steps(301, 600));
    QTest::qWait(200);
    QVERIFY(!plot.isFollowing());
    QTest::mouseClick(follow, Qt::LeftButton);
    QVERIFY(plot.isFollowing());
    QVERIFY(!follow->isEnabled());
  }

  void readoutFollowsTheMouse() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    plot.append(steps(1, 1000));
    auto* readout = find<QLabel>(plot, "lossReadout");
    QTRY_VERIFY(readout->text().contains(QLocale().toString(1000)));
    auto* chart = find<QWidget>(plot, "lossChart");
    QTest::mouseMove(chart, QPoint(chart->width() / 2, chart->height() / 3));
    QTRY_VERIFY(!readout->text().contains(QLocale().toString(1000)));
    QVERIFY(readout->text().contains(QStringLiteral("grad norm")));
  }

  void keysZoomAndFollow() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    plot.append(steps(1, 100));
    QTest::qWait(80);
    auto* chart = find<QWidget>(plot, "lossChart");
    QTest::keyClick(chart, Qt::Key_Plus);
    QVERIFY(!plot.isFollowing());
    QTest::keyClick(chart, Qt::Key_Home);
    QVERIFY(plot.isFollowing());
  }

  void saysWhatALogAxisHides() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    auto some = steps(1, 50);
    some[20].loss = 0.0;
    plot.append(some);
    auto* note = find<QLabel>(plot, "lossNote");
    QTest::qWait(80);
    QVERIFY(!note->isVisible());
    QTest::mouseClick(find<QCheckBox>(plot, "logLoss"), Qt::LeftButton, Qt::NoModifier, QPoint(8, 8));
    QTRY_VERIFY(note->isVisible());
    QVERIFY(note->text().contains(QStringLiteral("1")));
  }

  void pointsBeyondTheEdgeAreCounted() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    auto some = steps(1, 400);
    some[100].loss = 50.0;
    some[200].loss = 60.0;
    some[300].loss = -9.0;
    plot.append(some);
    auto* chart = find<LossChart>(plot, "lossChart");
    chart->replot();
    QCOMPARE(chart->curves().outside().above, std::size_t{0});  // whoever follows sees all
    chart->axisRect(0)->axis(QCPAxis::atLeft)->setRange(-5.0, 20.0);
    chart->replot();
    QCOMPARE(chart->curves().outside().above, std::size_t{2});
    QCOMPARE(chart->curves().outside().below, std::size_t{1});
  }

  void otherAxes() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    auto some = steps(1, 400);
    for (auto& m : some) m.samplesSeen = 32 * m.step, m.activeS = 0.5 * static_cast<double>(m.step);
    plot.append(some);
    plot.appendValidation({.step = 200, .loss = 0.25});
    auto* axis = find<QComboBox>(plot, "lossAxis");
    auto* chart = find<LossChart>(plot, "lossChart");
    axis->setCurrentIndex(1);
    QCOMPARE(chart->data().raw().x(399), 12'800.0);
    QCOMPARE(chart->data().validation().x(0), 6'400.0);
    QCOMPARE(chart->data().xOf(800.0), 25'600.0);  // steps to come go on at the same pace
    axis->setCurrentIndex(2);
    QCOMPARE(chart->data().lr().x(399), 200.0);
    chart->replot();
    QVERIFY(chart->axisRect(0)->axis(QCPAxis::atBottom)->range().contains(200.0));
    QVERIFY(plot.isFollowing());
    axis->setCurrentIndex(0);
    QCOMPARE(chart->data().smooth().x(399), 400.0);
    QCOMPARE(plot.lossNear(400).value(), some[399].loss);
  }

  void validationIsNamedAndDrawn() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    plot.append(steps(1, 400));
    auto* readout = find<QLabel>(plot, "lossReadout");
    auto* chart = find<LossChart>(plot, "lossChart");
    chart->replot();
    QVERIFY(!readout->text().contains(QStringLiteral("validation")));
    plot.setValidation(std::array{messages::ValidationPoint{.step = 100, .loss = 0.625},
                                  messages::ValidationPoint{.step = 200, .loss = 7.25}});
    plot.appendValidation({.step = 200, .loss = 0.125});  // that step has one
    plot.appendValidation({.step = 300, .loss = 0.375});
    QCOMPARE(chart->data().validation().size(), std::size_t{3});
    chart->replot();
    QVERIFY(chart->axisRect(0)->axis(QCPAxis::atLeft)->range().contains(7.25));
    auto* x = chart->axisRect(0)->axis(QCPAxis::atBottom);
    QTest::mouseMove(chart, QPoint(static_cast<int>(x->coordToPixel(120.0)), chart->height() / 3));
    QTRY_VERIFY(readout->text().contains(QLocale().toString(0.625, 'f', 4)));
    QVERIFY(readout->text().contains(QStringLiteral("(step&nbsp;%1)").arg(QLocale().toString(100))));
    MetricsHistory history;
    history.append(steps(1, 250));
    plot.setHistory(history);  // the steps anew, and what was measured stays
    QCOMPARE(chart->data().validation().size(), std::size_t{3});
    plot.setValidation({});
    QVERIFY(chart->data().validation().empty());
    plot.setHistory(history);
    QVERIFY(chart->data().validation().empty());
  }

  void spikesAreMarkedAndExplained() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    auto some = steps(1, 400);
    for (auto& m : some) m.gradNorm = 0.5 + 0.01 * static_cast<double>(m.step % 5);
    some[249].loss = 30.0;
    some[349].gradNorm = 90.0;
    MeasurementHistory measured;
    measured.append(some);
    QCOMPARE(measured.spikes().size(), std::size_t{2});
    plot.setMeasurements(measured);  // before the steps are known: as when a run is opened
    QCOMPARE(plot.spikeCount(), std::size_t{0});
    MetricsHistory history;
    history.append(some);
    plot.setHistory(history);
    QCOMPARE(plot.spikeCount(), std::size_t{2});
    auto* chart = find<LossChart>(plot, "lossChart");
    chart->replot();
    QCOMPARE(chart->curves().spikesDrawn(), std::size_t{2});
    auto* x = chart->axisRect(0)->axis(QCPAxis::atBottom);
    const QPoint at(qRound(x->coordToPixel(250.0)), chart->axisRect(0)->rect().center().y());
    QTest::mouseMove(chart, at);
    auto* readout = find<QLabel>(plot, "lossReadout");
    QTRY_VERIFY(readout->text().contains(QStringLiteral("spike at step 250: loss z")));
    const auto explained = chart->curves().explanationAt(chart->data(), at);
    QVERIFY2(explained.contains(QStringLiteral("step 250")) && explained.contains(QStringLiteral("128")),
             qPrintable(explained));
    QVERIFY(chart->curves()
                .explanationAt(chart->data(), QPointF(x->coordToPixel(350.0), at.y()))
                .contains(QStringLiteral("gradient norm of step 350")));
    QVERIFY(chart->curves().explanationAt(chart->data(), QPointF(x->coordToPixel(100.0), at.y())).isEmpty());
    // Live: only what is new, however often it is offered.
    auto more = steps(401, 500);
    more[49].loss = 40.0;
    measured.append(more);
    plot.append(more);
    plot.appendMeasurements(measured);
    plot.appendMeasurements(measured);
    QCOMPARE(plot.spikeCount(), std::size_t{3});
    plot.setMeasurements({});  // the run went back
    QCOMPARE(plot.spikeCount(), std::size_t{0});
  }

  void theUpdateRatioIsACurveOfItsOwn() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    auto some = steps(1, 400);
    for (auto& m : some) m.updateRatio = m.step % 10 == 0 ? 3e-5 : 0.0, m.samplesSeen = 8 * m.step;
    MeasurementHistory measured;
    measured.append(some);
    plot.append(some);
    plot.appendMeasurements(measured);
    QCOMPARE(plot.updateRatioCount(), std::size_t{40});
    auto* chart = find<LossChart>(plot, "lossChart");
    auto* under = chart->axisRect(1);
    chart->replot();
    QVERIFY(find<QLabel>(plot, "lossReadout")->text().contains(QStringLiteral("update / weight")));
    const auto middle = under->rect().center();
    QVERIFY(chart->curves().explanationAt(chart->data(), middle).isEmpty());
    QVERIFY(!under->axis(QCPAxis::atRight, 1)->visible());
    find<QComboBox>(plot, "underCurve")->setCurrentIndex(1);
    chart->replot();
    auto* ratio = under->axis(QCPAxis::atRight, 1);
    QVERIFY(ratio->visible() && !under->axis(QCPAxis::atRight, 0)->visible());
    QVERIFY(isLog(ratio));
    QVERIFY(ratio->range().contains(3e-5) && ratio->range().contains(1e-3));  // the guide line is never out of view
    QVERIFY(chart->curves().explanationAt(chart->data(), middle).contains(QStringLiteral("1e-3")));
    find<QComboBox>(plot, "lossAxis")->setCurrentIndex(1);
    QCOMPARE(chart->data().updateRatio().x(0), 80.0);
    QCOMPARE(chart->data().updateRatioStep(0), std::int64_t{10});
    plot.clear();
    QCOMPARE(plot.updateRatioCount(), std::size_t{0});
  }

  void flagsOfWhatWasAbandonedGo() {
    LossPlot plot;
    for (std::int64_t i = 1; i <= 4; ++i) plot.addFlag({100 * i, QStringLiteral("change"), i});
    plot.dropFlagsAfter(2);
    QCOMPARE(plot.flagCount(), std::size_t{2});
  }

  void flagsAndThePlanAhead() {
    LossPlot plot;
    plot.resize(800, 480);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    plot.append(steps(1, 400));
    plot.addFlag({200, QStringLiteral("learning rate 1e-3 -> 5e-4")});
    QCOMPARE(plot.flagCount(), std::size_t{1});
    auto* chart = find<LossChart>(plot, "lossChart");
    chart->replot();
    auto* x = chart->axisRect(0)->axis(QCPAxis::atBottom);
    QTest::mouseMove(chart, QPoint(static_cast<int>(x->coordToPixel(200.0)), chart->height() / 3));
    QTRY_VERIFY(find<QLabel>(plot, "lossReadout")->text().contains(QStringLiteral("5e-4")));
    QTest::mouseMove(chart, QPoint(static_cast<int>(x->coordToPixel(300.0)), chart->height() / 3));
    QTRY_VERIFY(!find<QLabel>(plot, "lossReadout")->text().contains(QStringLiteral("5e-4")));
    plot.setAhead({{401, 1e-3}, {5000, 0.0}});
    chart->replot();
    QVERIFY(x->range().upper < 500.0);
    find<QCheckBox>(plot, "showAhead")->click();
    chart->replot();
    QVERIFY(x->range().upper >= 5000.0);
    plot.clear();
    QCOMPARE(plot.flagCount(), std::size_t{0});
  }

  void millionPointsPan() {
    LossPlot plot;
    plot.resize(1200, 700);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    MetricsHistory history;
    history.append(steps(1, 1'000'000));
    plot.setHistory(history);
    auto* chart = find<QWidget>(plot, "lossChart");
    QTest::qWait(200);
    QElapsedTimer timer;
    timer.start();
    constexpr int kFrames = 20;
    for (int i = 0; i < kFrames; ++i) {
      wheel(chart, chart->rect().center(), i % 2 == 0 ? 120 : -120);
      chart->grab();
      QCoreApplication::processEvents();
    }
    const double ms = static_cast<double>(timer.nsecsElapsed()) * 1e-6 / kFrames;
    qInfo("a frame of 1,000,000 points: %.1f ms", ms);
    QCOMPARE(plot.pointCount(), std::size_t{1'000'000});
    QVERIFY(!plot.isFollowing());
    // Told, not asserted: times are for who reads the log (bars: 33 ms a frame, and appending as fast as to an empty plot).
    LossPlot empty;
    for (auto [name, target, from] :
         {std::tuple{"an empty plot", &empty, 1}, std::tuple{"1,000,000 points", &plot, 1'000'001}}) {
      const auto more = steps(from, from + 999);
      timer.restart();
      target->append(more);
      qInfo("appending 1,000 points to %s: %.2f ms", name, static_cast<double>(timer.nsecsElapsed()) * 1e-6);
    }
    QCOMPARE(plot.pointCount(), std::size_t{1'001'000});
  }

  void labelsOfANarrowRangeDiffer() {
    QCustomPlot chart;
    for (const auto& range :
         {QCPRange(0.9985, 1.0144), QCPRange(0.0, 1.05), QCPRange(0.33333, 0.33336), QCPRange(3e6, 9e6)}) {
      chooseTicker(chart.yAxis, false);
      QVector<double> ticks;
      QVector<QString> labels;
      chart.yAxis->ticker()->generate(range, QLocale::c(), QLatin1Char('g'), 3, ticks, nullptr, &labels);
      QVERIFY(labels.size() >= 3);
      for (qsizetype i = 1; i < labels.size(); ++i) {
        QVERIFY2(labels[i] != labels[i - 1], qPrintable(labels[i]));
        QVERIFY(std::abs(QLocale::c().toDouble(labels[i]) - ticks[i]) <= 1e-9 * std::abs(ticks[i]));
      }
    }
  }

  void everyControlHasAName() {
    LossPlot plot;
    for (auto* widget : plot.findChildren<QWidget*>()) {
      if (widget->focusPolicy() == Qt::NoFocus) continue;
      QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
      QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
    }
  }
};

QTEST_MAIN(TestLossPlot)
#include "tst_loss_plot.moc"
