// SPDX-License-Identifier: GPL-3.0-or-later
// What the window asks of the sessions together, without a window.
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "../../support/small_data.h"
#include "fake_task.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "workbench/workbench.h"

using namespace dw;
using namespace dw::ui;

class TestWorkbench : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;
  QTemporaryDir folder_;
  QString data_;
  std::unique_ptr<Workbench> bench_;

  void openData() {
    bench_->open(data_);
    QTRY_VERIFY_WITH_TIMEOUT(bench_->dataset()->isOpen(), kLimit);
  }
  void stop() {
    bench_->training()->stop();
    QTRY_VERIFY_WITH_TIMEOUT(bench_->training()->canTrain(), kLimit);
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-workbench"));
    qputenv("DWB_RUNS", folder_.filePath(QStringLiteral("runs")).toLocal8Bit());
    data_ = QString::fromStdString(test::smallData(folder_.path().toStdString()));
  }
  void init() {
    QSettings().clear();
    test::FakePlan plan;
    plan.stepTime = std::chrono::milliseconds(2);
    bench_ = std::make_unique<Workbench>(Backends{.task = test::fakeTasks(plan)});
  }
  void cleanup() { bench_.reset(); }

  void openDataFitsTheDraft() {
    QSignalSpy requested(bench_.get(), &Workbench::dataRequested);
    QVERIFY(!bench_->draft()->isReady());
    openData();
    QCOMPARE(requested.size(), 1);
    QVERIFY(bench_->draft()->isReady());
    bench_->dataset()->close();
    QVERIFY(!bench_->draft()->isReady());
  }

  void aRunIsBegunOnceAndResumed() {
    QSignalSpy begun(bench_.get(), &Workbench::runBegun), noticed(bench_.get(), &Workbench::noticed);
    QVERIFY(!bench_->train());  // no data yet
    openData();
    QVERIFY(bench_->train());
    QVERIFY(!bench_->train());
    QCOMPARE(begun.size(), 1);
    QTRY_VERIFY_WITH_TIMEOUT(bench_->training()->last().step > 3, kLimit);
    const auto folder = bench_->training()->run()->folder;
    bench_->resumeRun(QString::fromStdString(folder.string()));
    QTRY_COMPARE_WITH_TIMEOUT(noticed.size(), 1, kLimit);
    QCOMPARE(noticed[0][0].value<Notice>().severity, Severity::Warning);  // one is under way
    stop();
    const auto step = bench_->training()->last().step;
    QVERIFY(!bench_->goingOn());
    bench_->open(QString::fromStdString(folder.string()));  // a run folder is gone on with
    QTRY_COMPARE_WITH_TIMEOUT(begun.size(), 2, kLimit);
    QTRY_VERIFY_WITH_TIMEOUT(bench_->training()->last().step > step, kLimit);
    QCOMPARE(bench_->training()->run()->folder, folder);
    QVERIFY(bench_->goingOn());
    stop();
  }

  void aRunBeginsWhenTheDataIsThere() {
    bench_->trainWhenOpen();
    bench_->open(data_);
    QTRY_VERIFY_WITH_TIMEOUT(bench_->training()->last().step > 3, kLimit);
    stop();
  }

  void absentFilesAreTold() {
    QSignalSpy noticed(bench_.get(), &Workbench::noticed);
    bench_->resumeRun(folder_.filePath(QStringLiteral("absent")));
    QTRY_COMPARE_WITH_TIMEOUT(noticed.size(), 1, kLimit);
    QCOMPARE(noticed[0][0].value<Notice>().id, QStringLiteral("run"));
    QCOMPARE(noticed[0][0].value<Notice>().severity, Severity::Error);
    bench_->beginWithWeights(folder_.filePath(QStringLiteral("absent.safetensors")));
    QTRY_COMPARE_WITH_TIMEOUT(noticed.size(), 2, kLimit);
    QCOMPARE(noticed[1][0].value<Notice>().id, QStringLiteral("weights"));
  }

  void requestsBecomeSignals() {
    QSignalSpy proposed(bench_.get(), &Workbench::recipeProposed), samples(bench_.get(), &Workbench::samplesRequested);
    bench_->proposeField(QStringLiteral("data.scale"), QStringLiteral("0.5"));
    QCOMPARE(proposed.size(), 1);
    QCOMPARE(bench_->draft()->recipe().data.scale, 0.5);
    bench_->sampleFrom(QStringLiteral("/c"));
    QCOMPARE(samples.size(), 1);
    QCOMPARE(samples[0][0].toString(), QStringLiteral("/c"));
  }

  void theRecipeIsRemembered() {
    bench_->draft()->setField(QStringLiteral("train.batch"), QStringLiteral("24"));
    bench_->rememberRecipe();
    Workbench next(Backends{.task = test::fakeTasks()});
    next.recallRecipe();
    QCOMPARE(next.draft()->recipe().train.batch, 24);
  }
};

QTEST_GUILESS_MAIN(TestWorkbench)
#include "tst_workbench.moc"
