// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "fake_task.h"
#include "panels/train/live_panel.h"
#include "panels/train/reshape_bar.h"
#include "panels/train/train_page.h"
#include "plots/loss_chart.h"
#include "plots/loss_plot.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "session/training/trial_session.h"

using namespace dw;
using namespace dw::ui;
using messages::State;

/// What may change while a run trains, on the Train page over the real runner with a fake task.
class TestLiveSettings : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;
  QTemporaryDir home_;
  int count_ = 0;

  static test::FakePlan plan() {
    test::FakePlan made;
    made.stepTime = std::chrono::milliseconds(2);
    return made;
  }

  struct Bench {
    TrainingSession session{test::fakeTasks(plan())};
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession trials{session.taskFactory()};
    TrainPage page{&session, &trials, &draft, &dataset};
    template <class T>
    T* child(const char* name) {
      return page.findChild<T*>(QLatin1String(name));
    }
    void type(const char* name, const QString& text) {
      auto* edit = child<QLineEdit>(name);
      edit->setFocus();
      edit->selectAll();
      QTest::keyClicks(edit, text);
      QTest::keyClick(edit, Qt::Key_Return);
    }
    const config::LiveSettings& live() const { return session.live().settings; }
  };

  void begin(Bench& b, double emaDecay = 0.0) {
    auto recipe = config::builtinRecipe("lecture");  // rate 1e-4
    recipe.train.steps = 1'000'000;
    recipe.ema.decay = emaDecay;
    const auto folder = std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
    b.page.resize(1200, 700);
    b.page.show();
    QVERIFY(b.session.start(trainer::FreshRun{.recipe = recipe, .data = "demo", .folder = folder}));
    QTRY_COMPARE_WITH_TIMEOUT(b.session.state(), State::Running, kLimit);
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test"));
  }

  void shownOnlyWhileARunIsUnderWay() {
    Bench b;
    b.page.show();
    QVERIFY(!b.child<LivePanel>("livePanel")->isVisible());
    begin(b);
    QVERIFY(b.child<LivePanel>("livePanel")->isVisible());
    b.session.stop();
    QTRY_COMPARE_WITH_TIMEOUT(b.session.state(), State::Finished, kLimit);
    QVERIFY(!b.child<LivePanel>("livePanel")->isVisible());
  }

  void aChangeSaysItsStepAndIsAFlag() {
    Bench b;
    begin(b, 0.99);
    b.type("live.clip_norm", QStringLiteral("0.5"));
    QTRY_COMPARE_WITH_TIMEOUT(b.live().clipNorm, 0.5, kLimit);
    QVERIFY(b.child<QLabel>("liveNote.clip_norm")->text().startsWith(QStringLiteral("applied at step")));
    QCOMPARE(b.page.plot()->flagCount(), std::size_t{1});
    b.type("live.ema_decay", QStringLiteral("0.9"));
    QTRY_COMPARE_WITH_TIMEOUT(b.live().emaDecay, 0.9, kLimit);
    b.type("live.total_steps", QStringLiteral("900000"));
    QTRY_COMPARE_WITH_TIMEOUT(b.session.run()->totalSteps, std::int64_t{900'000}, kLimit);
    QCOMPARE(b.page.plot()->flagCount(), std::size_t{3});
    QVERIFY(b.session.undo());
    QTRY_COMPARE_WITH_TIMEOUT(b.child<QLineEdit>("live.total_steps")->text(), QStringLiteral("1000000"), kLimit);
  }

  void whatIsImpossibleIsToldAtTheField() {
    Bench b;
    begin(b);
    QVERIFY(!b.child<QLineEdit>("live.ema_decay")->isEnabled());  // the run keeps no average
    b.type("live.weight_decay", QStringLiteral("7"));
    QVERIFY(b.child<QLabel>("liveNote.weight_decay")->property("problem").toBool());
    b.type("live.total_steps", QStringLiteral("x"));
    QVERIFY(b.child<QLabel>("liveNote.total_steps")->property("problem").toBool());
    QCOMPARE(b.live().weightDecay, 0.0);
    QCOMPARE(b.session.live().changes, std::int64_t{0});
  }

  void aCurveIsPlannedThenApplied() {
    Bench b;
    auto* apply = b.child<QPushButton>("shapeApply");
    begin(b);
    QTest::mouseClick(b.child<QToolButton>("reshapeButton"), Qt::LeftButton);
    auto* bar = b.child<ReshapeBar>("reshapeBar");
    QVERIFY(bar->isVisible());
    QVERIFY(!apply->isEnabled());
    QVERIFY(!bar->proposal(5));
    auto* kind = b.child<QComboBox>("shapeKind");
    kind->setCurrentText(QStringLiteral("linear"));
    Q_EMIT kind->activated(kind->currentIndex());
    QVERIFY(apply->isEnabled());
    auto* peak = b.child<QLineEdit>("shapePeak");
    peak->selectAll();
    QTest::keyClicks(peak, QStringLiteral("zero"));
    QVERIFY(!apply->isEnabled());
    peak->selectAll();
    QTest::keyClicks(peak, QStringLiteral("4e-4"));
    QVERIFY(apply->isEnabled());
    QCOMPARE(bar->proposal(70).value().shape.from, std::int64_t{70});
    QCOMPARE(b.live().shape.kind, config::LrKind::Constant);  // nothing changes before Apply
    QTest::mouseClick(apply, Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(b.live().shape.kind, config::LrKind::Linear, kLimit);
    QCOMPARE(b.live().lr, 4e-4);
    QTRY_VERIFY(!apply->isEnabled());
    QVERIFY(b.session.undo());
    QTRY_COMPARE_WITH_TIMEOUT(b.live().shape.kind, config::LrKind::Constant, kLimit);
    QCOMPARE(kind->currentText(), QStringLiteral("constant"));
  }

  /// The rings of the plan with the mouse: a preview while it is held, one command when it is let go, none after Escape.
  void thePlanIsDraggedInThePlot() {
    Bench b;
    begin(b);
    QTRY_VERIFY_WITH_TIMEOUT(b.session.last().step > 20, kLimit);
    b.session.pause();
    QTRY_COMPARE_WITH_TIMEOUT(b.session.state(), State::Paused, kLimit);
    QTest::mouseClick(b.child<QToolButton>("reshapeButton"), Qt::LeftButton);
    auto* chart = b.child<LossChart>("lossChart");
    auto* bar = b.child<ReshapeBar>("reshapeBar");
    auto* kind = b.child<QComboBox>("shapeKind");
    QVERIFY(chart->handles().plan());
    QVERIFY(!chart->handles().plan()->endMoves);  // constant
    kind->setCurrentText(QStringLiteral("linear"));
    Q_EMIT kind->activated(kind->currentIndex());
    chart->replot();
    QVERIFY(chart->handles().plan()->endMoves);
    const double before = chart->handles().plan()->peakRate;
    const auto peak = chart->handles().peakPixel(chart->data()).toPoint();
    QTest::mousePress(chart, Qt::LeftButton, Qt::NoModifier, peak);
    QTest::mouseMove(chart, peak + QPoint(2, 20));
    QTRY_VERIFY(bar->proposal(50) && bar->proposal(50)->lr < before);
    QVERIFY(chart->curves().ahead().front().y < before);  // the preview
    QCOMPARE(b.session.live().changes, std::int64_t{0});
    QTest::keyClick(chart, Qt::Key_Escape);
    QTest::mouseRelease(chart, Qt::LeftButton, Qt::NoModifier, peak + QPoint(2, 20));
    QCOMPARE(bar->proposal(50)->lr, before);
    QCOMPARE(b.session.live().changes, std::int64_t{0});
    chart->replot();
    const auto end = chart->handles().endPixel(chart->data()).toPoint();
    QTest::mousePress(chart, Qt::LeftButton, Qt::NoModifier, end);
    for (int i = 1; i <= 10; ++i) QTest::mouseMove(chart, end - QPoint(0, 2 * i));
    QTest::mouseRelease(chart, Qt::LeftButton, Qt::NoModifier, end - QPoint(0, 20));
    b.session.stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(b.live().shape.kind, config::LrKind::Linear, kLimit);
    QVERIFY2(b.live().shape.end > 0.1 * before && b.live().shape.end < before,
             qPrintable(QString::number(b.live().shape.end)));
    QCOMPARE(b.live().lr, before);
    QCOMPARE(b.session.live().changes, std::int64_t{1});
    QCOMPARE(b.page.plot()->flagCount(), std::size_t{1});
  }

  void aClickOnARingChangesNothing() {
    Bench b;
    begin(b);
    QTRY_VERIFY_WITH_TIMEOUT(b.session.last().step > 20, kLimit);
    b.session.pause();
    QTRY_COMPARE_WITH_TIMEOUT(b.session.state(), State::Paused, kLimit);
    QTest::mouseClick(b.child<QToolButton>("reshapeButton"), Qt::LeftButton);
    auto* chart = b.child<LossChart>("lossChart");
    chart->replot();
    QTest::mouseClick(chart, Qt::LeftButton, Qt::NoModifier, chart->handles().peakPixel(chart->data()).toPoint());
    QVERIFY(!chart->handles().isHeld());
    QVERIFY(!b.child<ReshapeBar>("reshapeBar")->proposal(50));
    QTest::mouseClick(b.child<QToolButton>("reshapeButton"), Qt::LeftButton);  // closed: nothing to drag
    QVERIFY(!chart->handles().plan());
  }
};

QTEST_MAIN(TestLiveSettings)
#include "tst_live_settings.moc"
