// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "fake_task.h"
#include "panels/train/train_page.h"
#include "plots/loss_plot.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "session/training/trial_session.h"

using namespace dw;
using namespace dw::ui;
using messages::State;

class TestTrainPage : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;
  static test::FakePlan plan(std::chrono::microseconds stepTime) {
    test::FakePlan made;
    made.stepTime = stepTime;
    return made;
  }

  QTemporaryDir home_;
  int count_ = 0;

  trainer::FreshRun request(std::int64_t steps) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = steps;
    const auto folder = std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
    return {.recipe = recipe, .data = "demo", .folder = folder};
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test"));
  }

  void plotAndSummaryFollowTheRun() {
    TrainingSession session(test::fakeTasks(plan(std::chrono::milliseconds(1))));
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession trials(session.taskFactory());
    TrainPage page(&session, &trials, &draft, &dataset);
    page.resize(1200, 640);
    page.show();
    auto* empty = page.findChild<QLabel*>(QStringLiteral("emptyPlot"));
    QVERIFY(empty->text().contains(QStringLiteral("dataset")));
    draft.setDatasetShape(config::DatasetShape{2048, 3, 4, 32, 32, 6});
    QVERIFY(empty->text().contains(QStringLiteral("Train")));
    QVERIFY(session.start(request(300)));
    QVERIFY(!page.findChild<QWidget*>(QStringLiteral("edit.train.batch"))->isEnabled());
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Finished, kLimit);
    QCOMPARE(page.plot()->pointCount(), std::size_t{300});
    for (const int step : {1, 17, 300}) QCOMPARE(page.plot()->lossNear(step).value(), 1.0 / step);
    QVERIFY(page.findChild<QWidget*>(QStringLiteral("edit.train.batch"))->isEnabled());
    // parameters
    QVERIFY(page.findChild<QLabel*>(QStringLiteral("trainSummary"))->text().contains(QStringLiteral("<b>7</b>")));
    QVERIFY(session.start(request(20)));  // a second run begins with an empty plot
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Finished, kLimit);
    QCOMPARE(page.plot()->pointCount(), std::size_t{20});
  }

  /// Live, when a run is resumed, and when it goes back to a checkpoint.
  void validationIsInThePlot() {
    auto validating = plan(std::chrono::milliseconds(1));
    validating.validationLoss = 0.375;
    TrainingSession session(test::fakeTasks(validating));
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession trials(session.taskFactory());
    TrainPage page(&session, &trials, &draft, &dataset);
    auto wanted = request(100'000);
    wanted.recipe.validation.every = 20;
    wanted.recipe.checkpoint = {.everyMinutes = 0, .every = 0, .keep = 9};
    QVERIFY(session.start(wanted));
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Running, kLimit);
    const auto shown = [&] { return page.plot()->validation().size(); };
    QTRY_VERIFY_WITH_TIMEOUT(shown() >= 2, kLimit);
    QCOMPARE(page.plot()->validation()[0].second, 0.375);
    QCOMPARE(page.plot()->validation()[1].first, std::int64_t{40});
    session.pause();
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Paused, kLimit);
    session.saveNow();
    QTRY_VERIFY_WITH_TIMEOUT(!session.isSaving(), kLimit);
    const auto kept = session.last().step;
    const auto measured = static_cast<std::size_t>(kept / 20);
    QTRY_COMPARE_WITH_TIMEOUT(shown(), measured, kLimit);
    QVERIFY(session.change(config::LiveField::ClipNorm, 2.0));
    QTRY_COMPARE_WITH_TIMEOUT(page.plot()->flagCount(), std::size_t{1}, kLimit);
    session.resume();
    QTRY_VERIFY_WITH_TIMEOUT(shown() >= measured + 2, kLimit);
    session.pause();
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Paused, kLimit);
    QVERIFY(session.goBack());
    QTRY_COMPARE_WITH_TIMEOUT(session.last().step, kept, kLimit);
    QTRY_COMPARE_WITH_TIMEOUT(shown(), measured, kLimit);
    QCOMPARE(page.plot()->flagCount(), std::size_t{0});
    session.stop();
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Finished, kLimit);
    const trainer::ResumeRun more{.run = wanted.folder, .totalSteps = kept + 1};
    QVERIFY(session.start(more));
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Finished, kLimit);
    QTRY_VERIFY_WITH_TIMEOUT(shown() >= measured, kLimit);
    QCOMPARE(page.plot()->validation()[0].first, std::int64_t{20});
  }

  void narrowWindowKeepsThePlot() {
    TrainingSession session(test::fakeTasks());
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession trials(session.taskFactory());
    TrainPage page(&session, &trials, &draft, &dataset);
    page.resize(1200, 600);
    page.show();
    auto* button = page.findChild<QToolButton*>(QStringLiteral("formButton"));
    QVERIFY(button->isChecked());
    QVERIFY2(page.minimumSizeHint().width() <= 1200 && page.minimumSizeHint().height() <= 560,
             qPrintable(QString::number(page.minimumSizeHint().height())));
    page.resize(600, 300);  // 1280 x 720 at 200 %, less the rest of the window
    QTRY_VERIFY(!button->isChecked());
    QCOMPARE(page.width(), 600);
    QTRY_VERIFY2(page.minimumSizeHint().width() <= 600, qPrintable(QString::number(page.minimumSizeHint().width())));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(page.findChild<QWidget*>(QStringLiteral("recipeForm"))->isVisible());
  }

  void everyControlHasAName() {
    TrainingSession session(test::fakeTasks());
    RecipeDraft draft;
    DatasetSession dataset;
    TrialSession trials(session.taskFactory());
    TrainPage page(&session, &trials, &draft, &dataset);
    for (auto* widget : page.findChildren<QWidget*>()) {
      // Qt's own parts: popups of combo boxes, scroll bars, buttons inside a line edit.
      const bool ours = widget->window() == &page && !widget->objectName().startsWith(QLatin1String("qt_"));
      if (widget->focusPolicy() == Qt::NoFocus || !ours) continue;
      QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
      QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
    }
  }
};

QTEST_MAIN(TestTrainPage)
#include "tst_train_page.moc"
