// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "base/system_info.h"
#include "fake_task.h"
#include "panels/train/dry_run_card.h"
#include "panels/train/range_test_dialog.h"
#include "panels/train/what_if_dialog.h"
#include "plots/overlay_plot.h"
#include "plots/range_plot.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "session/training/trial_session.h"

using namespace dw;
using namespace dw::ui;
using messages::State;

namespace {

/// A fake task that tells what a batch takes, and whose loss depends on the rate.
class HungryTask : public test::FakeTask {
 public:
  HungryTask(trainer::TaskRequest request, test::FakePlan plan, std::uint64_t perSample)
      : FakeTask(request, plan), bytes_(perSample * static_cast<std::uint64_t>(request.recipe.train.batch)) {}
  std::uint64_t peakBytes() const override { return bytes_; }
  messages::StepMetrics step(const config::LiveSettings& live) override {
    auto metrics = FakeTask::step(live);
    metrics.loss = 1.0 + std::abs(std::log10(live.lr / 3e-4));
    return metrics;
  }

 private:
  std::uint64_t bytes_;
};

trainer::TaskFactory tasks(std::uint64_t perSample = 1U << 20,
                           std::chrono::microseconds stepTime = std::chrono::microseconds(500)) {
  return [=](trainer::TaskRequest request) {
    test::FakePlan plan;
    plan.stepTime = stepTime;
    return std::make_unique<HungryTask>(std::move(request), plan, perSample);
  };
}

/// Falls by the rate at each step, and faster than it can bear above 0.05: then it rises tenfold.
class FallingTask : public test::FakeTask {
 public:
  using FakeTask::FakeTask;
  messages::StepMetrics step(const config::LiveSettings& live) override {
    auto metrics = FakeTask::step(live);
    loss_ = live.lr < 0.05 ? loss_ * (1.0 - 10.0 * live.lr) : loss_ * 10.0;
    metrics.loss = loss_;
    return metrics;
  }

 private:
  double loss_ = 1.0;
};

trainer::TaskFactory fallingTasks(std::chrono::microseconds stepTime = std::chrono::microseconds(200)) {
  return [=](trainer::TaskRequest request) {
    test::FakePlan plan;
    plan.stepTime = stepTime;
    return std::make_unique<FallingTask>(std::move(request), plan);
  };
}

template <typename Widget>
Widget* child(QWidget& parent, const char* name) {
  return parent.findChild<Widget*>(QString::fromLatin1(name));
}

}  // namespace

/// The dry run's line and the what-if window, with mouse and keyboard.
class TestTrialWidgets : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;
  QTemporaryDir home_;
  int count_ = 0;

  trainer::FreshRun request(std::int64_t steps) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = steps;
    const auto folder = std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
    return {.recipe = recipe, .data = "demo", .folder = folder};
  }

  static void openDemo(DatasetSession& dataset, RecipeDraft& draft) {
    dataset.open(QStringLiteral("demo"));
    QTRY_VERIFY_WITH_TIMEOUT(dataset.isOpen(), kLimit);
    draft.setDatasetShape(config::DatasetShape{2048, 3, 4, 32, 32, 6});
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    QStandardPaths::setTestModeEnabled(true);
  }

  void ratesAreNumbersOrMultiples() {
    QCOMPARE(ratesIn(QStringLiteral("0.001, 3e-4;x2 x0.5"), 1e-3), (std::vector<double>{1e-3, 3e-4, 2e-3, 5e-4}));
    QCOMPARE(ratesIn(QStringLiteral("0,001, x1,5;2e-4,3e-4 0.1,0.2"), 1e-3),
             (std::vector<double>{1e-3, 1.5e-3, 2e-4, 3e-4, 0.1, 0.2}));
    for (const char* bad : {"", "abc", "0.1, -1", "x0", "nan", "inf", "1e999", "0.1, x", "1,000"})
      QVERIFY2(ratesIn(QString::fromLatin1(bad), 1e-3).empty(), bad);
  }

  void dryRunTellsWhatTheRunCosts() {
    TrainingSession session(tasks());
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    DryRunCard card(&lab, &session, &draft, &dataset);
    card.show();
    auto* button = child<QPushButton>(card, "dryRun");
    QVERIFY(!button->isEnabled());
    openDemo(dataset, draft);
    QTRY_VERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(lab.isBusy());
    QTRY_VERIFY_WITH_TIMEOUT(!lab.isBusy(), kLimit);
    const auto words = child<QLabel>(card, "dryRunWords")->text();
    QVERIFY2(words.contains(QStringLiteral("7 parameters")) && words.contains(QLocale().toString(2000)),
             qPrintable(words));
    QVERIFY2(words.contains(QStringLiteral("Disk:")) && words.contains(QStringLiteral("free")), qPrintable(words));
    QVERIFY(!child<QPushButton>(card, "useFittingBatch")->isVisible());
    draft.setField(QStringLiteral("train.batch"), QStringLiteral("16"));  // it is of another recipe now
    QVERIFY(child<QLabel>(card, "dryRunWords")->text().isEmpty());
  }

  void aDiskTooSmallIsToldWithARemedy() {
    constexpr std::uint64_t kGib = 1ULL << 30U;
    trials::DiskForecast forecast{.checkpointBytes = kGib, .checkpoints = 5, .metricsBytes = 0, .freeBytes = 5 * kGib};
    QVERIFY(!diskText(forecast, 3).contains(QStringLiteral("not fit")));
    forecast.freeBytes = 4 * kGib;
    QVERIFY2(diskText(forecast, 3).contains(QStringLiteral("keep 2 checkpoints")), qPrintable(diskText(forecast, 3)));
    forecast.freeBytes = kGib;
    QVERIFY2(diskText(forecast, 3).contains(QStringLiteral("DWB_RUNS")), qPrintable(diskText(forecast, 3)));
  }

  void aBatchTooLargeIsMendedByAButton() {
    TrainingSession session(tasks(systemMemory().available / 10));
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    DryRunCard card(&lab, &session, &draft, &dataset);
    card.show();
    openDemo(dataset, draft);
    QTest::mouseClick(child<QPushButton>(card, "dryRun"), Qt::LeftButton);
    auto* use = child<QPushButton>(card, "useFittingBatch");
    QTRY_VERIFY_WITH_TIMEOUT(use->isVisible(), kLimit);
    QTest::mouseClick(use, Qt::LeftButton);
    const auto& train = draft.recipe().train;
    QVERIFY(train.batch >= 6 && train.batch <= 9);
    QVERIFY(train.batch * train.accumulation >= 32 && train.batch * (train.accumulation - 1) < 32);
    QVERIFY(!use->isVisible());
  }

  void aDryRunCanBeGivenUp() {
    TrainingSession session(tasks(1, std::chrono::milliseconds(300)));
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    DryRunCard card(&lab, &session, &draft, &dataset);
    openDemo(dataset, draft);
    auto* button = child<QPushButton>(card, "dryRun");
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!lab.isBusy(), kLimit);
    QVERIFY(child<QLabel>(card, "dryRunWords")->text().isEmpty());
    QVERIFY(button->isEnabled());
  }

  void ratesAreTriedFromAPausedRunAndOneIsAdopted() {
    TrainingSession session(tasks());
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    WhatIfDialog dialog(&lab, &session, &draft, &dataset);
    dialog.show();
    auto* start = child<QPushButton>(dialog, "whatIfStart");
    QVERIFY(!start->isEnabled());
    QVERIFY(session.start(request(1'000'000)));
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > 10, kLimit);
    QVERIFY(!start->isEnabled());  // it runs
    session.pause();
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Paused, kLimit);
    QTRY_VERIFY(start->isEnabled());
    const auto stood = session.last().step;
    child<QLineEdit>(dialog, "whatIfRates")->setText(QStringLiteral("1e-4, 3e-4, 0.01"));
    child<QSpinBox>(dialog, "whatIfSteps")->setValue(30);
    QTest::mouseClick(start, Qt::LeftButton);
    auto* table = child<QTableWidget>(dialog, "whatIfTable");
    QTRY_COMPARE_WITH_TIMEOUT(table->rowCount(), 3, kLimit);
    auto* plot = dialog.findChild<OverlayPlot*>();
    for (const char* key : {"0", "1", "2"}) QCOMPARE(plot->pointCount(QString::fromLatin1(key)), std::size_t{30});
    QCOMPARE(table->currentRow(), 1);
    QCOMPARE(session.last().step, stood);
    QCOMPARE(int(session.state()), int(State::Paused));
    QTest::mouseClick(child<QPushButton>(dialog, "whatIfAdopt"), Qt::LeftButton);
    session.resume();
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > stood, kLimit);
    QCOMPARE(session.last().lr, 3e-4);
    session.stop();
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Finished, kLimit);
  }

  void theRangeTestSuggestsARateThatIsApplied() {
    TrainingSession session(fallingTasks());
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    RangeTestDialog dialog(&lab, &session, &draft, &dataset);
    dialog.show();
    auto* start = child<QPushButton>(dialog, "rangeTestStart");
    auto* adopt = child<QPushButton>(dialog, "rangeTestAdopt");
    auto* rate = child<QLineEdit>(dialog, "rangeTestRate");
    QVERIFY(!start->isEnabled() && !adopt->isEnabled());
    openDemo(dataset, draft);
    QTRY_VERIFY(start->isEnabled());
    auto* highest = child<QLineEdit>(dialog, "rangeTestHighest");
    for (const char* bad : {"1e-7", "x", "", "100", "nan"}) {
      highest->setText(QString::fromLatin1(bad));
      QVERIFY2(!start->isEnabled() && !child<QLabel>(dialog, "rangeTestWords")->text().isEmpty(), bad);
    }
    highest->setText(QStringLiteral("1"));
    QVERIFY(start->isEnabled());
    QTest::mouseClick(start, Qt::LeftButton);
    QVERIFY(lab.isBusy() && !rate->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(!lab.isBusy(), kLimit);
    auto* plot = dialog.findChild<RangePlot*>();
    QVERIFY(plot->pointCount() > 30 && plot->pointCount() < 100);  // it blew up on the way
    const double suggested = rate->text().toDouble();
    QVERIFY2(suggested > 1e-4 && suggested < 1e-1, qPrintable(rate->text()));
    QVERIFY(adopt->isEnabled());
    QTest::mouseClick(adopt, Qt::LeftButton);
    QVERIFY(std::abs(draft.recipe().optim.lr / suggested - 1.0) < 1e-6);
    // A click in the chart chooses another one, and so does typing.
    auto* chart = child<QWidget>(dialog, "rangeChart");
    QTest::mouseClick(chart, Qt::LeftButton, Qt::NoModifier, chart->mapFrom(plot, plot->positionOf(1e-5)));
    QVERIFY2(std::abs(std::log(rate->text().toDouble() / 1e-5)) < 0.3, qPrintable(rate->text()));
    rate->setText(QStringLiteral("-1"));
    QVERIFY(!adopt->isEnabled());
    QVERIFY(!session.run());
  }

  void theRangeTestOfAPausedRunChangesItsRateOnly() {
    TrainingSession session(fallingTasks());
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    RangeTestDialog dialog(&lab, &session, &draft, &dataset);
    dialog.show();
    QVERIFY(session.start(request(1'000'000)));
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > 10, kLimit);
    session.pause();
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Paused, kLimit);
    auto* start = child<QPushButton>(dialog, "rangeTestStart");
    QTRY_VERIFY(start->isEnabled());
    const auto stood = session.last().step;
    QTest::mouseClick(start, Qt::LeftButton);
    auto* rate = child<QLineEdit>(dialog, "rangeTestRate");
    QTRY_VERIFY2_WITH_TIMEOUT(!rate->text().isEmpty(), qPrintable(child<QLabel>(dialog, "rangeTestWords")->text()),
                              kLimit);
    QCOMPARE(session.last().step, stood);
    const double before = draft.recipe().optim.lr;
    QTest::mouseClick(child<QPushButton>(dialog, "rangeTestAdopt"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(std::abs(session.live().settings.lr / rate->text().toDouble() - 1.0) < 1e-9, kLimit);
    QCOMPARE(draft.recipe().optim.lr, before);
    session.stop();
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Finished, kLimit);
  }

  void aRangeTestCanBeGivenUp() {
    TrainingSession session(fallingTasks(std::chrono::milliseconds(20)));
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    RangeTestDialog dialog(&lab, &session, &draft, &dataset);
    dialog.show();
    openDemo(dataset, draft);
    auto* start = child<QPushButton>(dialog, "rangeTestStart");
    QTRY_VERIFY(start->isEnabled());
    QTest::mouseClick(start, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(dialog.findChild<RangePlot*>()->pointCount() > 2, kLimit);
    QVERIFY(child<QWidget>(dialog, "rangeTestProgress")->isVisible());
    QTest::mouseClick(start, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!lab.isBusy(), kLimit);
    QVERIFY(dialog.findChild<RangePlot*>()->pointCount() < 100);
    QVERIFY(child<QLabel>(dialog, "rangeTestWords")->text().startsWith(QStringLiteral("Given up")));
    QTRY_VERIFY(start->isEnabled());
  }

  void everyControlOfTheTriesHasAName() {
    TrainingSession session(tasks());
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    WhatIfDialog whatIf(&lab, &session, &draft, &dataset);
    RangeTestDialog rangeTest(&lab, &session, &draft, &dataset);
    for (QWidget* dialog : std::initializer_list<QWidget*>{&whatIf, &rangeTest}) {
      for (auto* widget : dialog->findChildren<QWidget*>()) {
        if (widget->focusPolicy() == Qt::NoFocus || widget->window() != dialog ||
            widget->objectName().startsWith(QLatin1String("qt_")))
          continue;
        QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
        const auto* button = qobject_cast<QAbstractButton*>(widget);
        QVERIFY2(!widget->accessibleName().isEmpty() || (button != nullptr && !button->text().isEmpty()),
                 qPrintable(widget->objectName()));
      }
    }
  }

  void givenUpMidwayLeavesNoStuckButton() {
    TrainingSession session(tasks(1, std::chrono::milliseconds(5)));
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession lab(session.taskFactory());
    WhatIfDialog dialog(&lab, &session, &draft, &dataset);
    dialog.show();
    openDemo(dataset, draft);
    auto* start = child<QPushButton>(dialog, "whatIfStart");
    QTRY_VERIFY(start->isEnabled());
    for (int round = 0; round < 3; ++round) {
      QTest::mouseClick(start, Qt::LeftButton);
      QVERIFY(lab.isBusy());
      QTest::qWait(150);
      QTest::mouseClick(start, Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(!lab.isBusy(), kLimit);
      QTRY_VERIFY(start->isEnabled());
    }
    QVERIFY(!session.run());
  }
};

QTEST_MAIN(TestTrialWidgets)
#include "tst_trial_widgets.moc"
