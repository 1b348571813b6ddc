// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "data/open_options.h"
#include "fake_task.h"
#include "run_bar/run_bar.h"
#include "run_bar/run_text.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "workbench/workbench.h"

using namespace dw;
using namespace dw::ui;
using messages::State;

namespace {

/// A dataset of the demo's shape, without a file.
class FlatSource : public data::LatentSource {
 public:
  FlatSource() {
    info_.samples = 2048;
    info_.channels = 4;
    info_.height = info_.width = 32;
  }
  const data::SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t>, std::span<const std::int64_t>, std::span<float> out) const override {
    std::fill(out.begin(), out.end(), 0.5F);
  }

 private:
  data::SourceInfo info_;
};

}  // namespace

/// The run bar with real clicks, over the real runner with a fake task.
class TestRunBar : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;

  static test::FakePlan plan(std::chrono::microseconds stepTime) {
    test::FakePlan made;
    made.stepTime = stepTime;
    return made;
  }

  struct Bench {
    Workbench workbench{Backends{
        .task = test::fakeTasks(plan(std::chrono::milliseconds(1))),
        .data = [](const QString&, const data::OpenOptions&) { return std::make_shared<const FlatSource>(); }}};
    TrainingSession& session = *workbench.training();
    RecipeDraft& draft = *workbench.draft();
    DatasetSession& dataset = *workbench.dataset();
    RunBar bar{&workbench};
    QPushButton* primary = bar.findChild<QPushButton*>(QStringLiteral("primaryButton"));
    QPushButton* stop = bar.findChild<QPushButton*>(QStringLiteral("stopButton"));
    QPushButton* save = bar.findChild<QPushButton*>(QStringLiteral("saveButton"));
    QComboBox* recipe = bar.findChild<QComboBox*>(QStringLiteral("recipeMenu"));
    QLabel* state = bar.findChild<QLabel*>(QStringLiteral("stateText"));

    Bench() {
      bar.resize(1000, 80);
      bar.show();
    }
    bool open() {
      dataset.open(QStringLiteral("demo"));
      return QTest::qWaitFor([this] { return primary->isEnabled(); }, kLimit);
    }
    bool reaches(State wanted) {
      return QTest::qWaitFor([&] { return session.state() == wanted; }, kLimit);
    }
    /// What the buttons say agrees with what the session allows.
    bool isConsistent() const {
      const bool primaryOn = session.canTrain() ? draft.isReady() : session.canPause() || session.canResume();
      return primary->isEnabled() == primaryOn && stop->isEnabled() == session.canStop() &&
             save->isEnabled() == session.canSave() && !primary->toolTip().isEmpty() && !stop->toolTip().isEmpty() &&
             !save->toolTip().isEmpty() && !state->text().isEmpty();
    }
  };

  QTemporaryDir home_;

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test"));
    qputenv("DWB_RUNS", home_.path().toUtf8());
  }

  void saysWhyItCannotTrain() {
    Bench b;
    QVERIFY(!b.primary->isEnabled());
    QVERIFY(b.primary->toolTip().contains(QStringLiteral("dataset")));
    QVERIFY(!b.stop->isEnabled() && !b.save->isEnabled());
    QVERIFY(b.open());
    b.draft.setField(QStringLiteral("train.batch"), QStringLiteral("0"));
    QVERIFY(!b.primary->isEnabled());
    QCOMPARE(b.primary->toolTip(), b.draft.whyNotReady());
    b.draft.setField(QStringLiteral("train.batch"), QStringLiteral("32"));
    QVERIFY(b.primary->isEnabled());
  }

  void trainPauseResumeStop() {
    Bench b;
    QVERIFY(b.open());
    QCOMPARE(b.primary->text(), QStringLiteral("Train"));
    QTest::mouseClick(b.primary, Qt::LeftButton);
    QCOMPARE(b.session.state(), State::Preparing);  // answered at once
    QVERIFY(b.state->text().startsWith(QStringLiteral("Preparing")));
    QVERIFY(b.reaches(State::Running));
    QCOMPARE(b.primary->text(), QStringLiteral("Pause"));
    QVERIFY(QTest::qWaitFor([&] { return b.session.last().step > 3; }, kLimit));
    QTest::mouseClick(b.primary, Qt::LeftButton);
    QVERIFY(b.state->text().startsWith(QStringLiteral("Pausing after step")));
    QVERIFY(!b.primary->isEnabled());
    QVERIFY(b.reaches(State::Paused));
    QCOMPARE(b.primary->text(), QStringLiteral("Resume"));
    QVERIFY(b.primary->isEnabled());
    QTest::mouseClick(b.save, Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([&] { return b.save->isEnabled(); }, kLimit));
    QTest::mouseClick(b.primary, Qt::LeftButton);
    QVERIFY(b.reaches(State::Running));
    QTest::mouseClick(b.stop, Qt::LeftButton);
    QVERIFY(!b.stop->isEnabled());
    QVERIFY(b.reaches(State::Finished));
    QCOMPARE(b.primary->text(), QStringLiteral("Train"));
    QVERIFY(b.state->text().startsWith(QStringLiteral("Stopped and saved at step")));
    QVERIFY(b.bar.findChild<QProgressBar*>(QStringLiteral("runProgress"))->value() > 0);
    QVERIFY(b.isConsistent());
  }

  void keyboardDoesItToo() {
    Bench b;
    QVERIFY(b.open());
    b.primary->setFocus();
    QTest::keyClick(b.primary, Qt::Key_Space);
    QVERIFY(b.reaches(State::Running));
    b.stop->setFocus();
    QTest::keyClick(b.stop, Qt::Key_Space);
    QVERIFY(b.reaches(State::Finished));
  }

  void recipeMenuLoadsAndTellsOfChanges() {
    Bench b;
    const int tiny = b.recipe->findData(QStringLiteral("tiny"));
    b.recipe->setCurrentIndex(tiny);
    Q_EMIT b.recipe->activated(tiny);
    QCOMPARE(b.draft.recipe().model.dim, 128);
    QCOMPARE(b.recipe->currentText(), QStringLiteral("tiny"));
    b.draft.setField(QStringLiteral("train.batch"), QStringLiteral("5"));
    QCOMPARE(b.recipe->currentText(), QStringLiteral("tiny (changed)"));
  }

  void thousandRandomClicks() {
    Bench b;
    QVERIFY(b.open());
    std::mt19937 random(7);
    const QList<QPushButton*> buttons{b.primary, b.stop, b.save};
    qint64 slowest = 0;
    for (int i = 0; i < 1000; ++i) {
      auto* button = buttons[static_cast<qsizetype>(random() % 3)];
      QElapsedTimer timer;
      timer.start();
      QTest::mouseClick(button, Qt::LeftButton);
      slowest = std::max(slowest, timer.elapsed());
      QVERIFY2(b.isConsistent(), qPrintable(QString::number(i)));
      if (random() % 4 == 0) QTest::qWait(static_cast<int>(random() % 12));
    }
    qInfo("slowest of 1,000 clicks: %lld ms", static_cast<long long>(slowest));
    QVERIFY(slowest < 100);
    const auto settled = [&] {
      return b.session.pending() == TrainingSession::Pending::None && b.session.state() != State::Preparing;
    };
    QVERIFY(QTest::qWaitFor(settled, kLimit));
    if (b.session.canStop()) QTest::mouseClick(b.stop, Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([&] { return b.session.canTrain(); }, kLimit));
    QVERIFY(b.isConsistent());
    QTest::mouseClick(b.primary, Qt::LeftButton);  // and it still trains
    QVERIFY(b.reaches(State::Running));
    QVERIFY(QTest::qWaitFor([&] { return b.session.last().step > 3; }, kLimit));
  }

  void words() {
    QVERIFY(speedText(0.0).isEmpty());
    QVERIFY(speedText(31.23).contains(QStringLiteral("steps/s")));
    QVERIFY(speedText(0.25).contains(QStringLiteral("s/step")));
  }
};

QTEST_MAIN(TestRunBar)
#include "tst_run_bar.moc"
