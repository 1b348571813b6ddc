// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <random>

#include "fake_task.h"
#include "main_window/main_window.h"
#include "session/dataset_session.h"
#include "session/recipe_draft.h"
#include "session/training_session.h"

using namespace dw;
using namespace dw::ui;
using run::State;

/// A thousand legal and illegal clicks and keys in the real window while a fake run trains: no stuck button, no state that
/// the buttons deny, and training still works afterwards.
class TestRandomClicks : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;
  QTemporaryDir folder_;
  std::unique_ptr<theme::Theme> theme_;
  std::unique_ptr<TrainingSession> session_;
  std::unique_ptr<RecipeDraft> draft_;
  std::unique_ptr<DatasetSession> dataset_;
  std::unique_ptr<MainWindow> window_;
  std::mt19937 random_{20261126};

  QAbstractButton* button(const char* name) const { return window_->findChild<QAbstractButton*>(QLatin1String(name)); }

  bool isConsistent() const {
    const auto& s = *session_;
    const bool primaryOn = s.canTrain() ? draft_->isReady() : s.canPause() || s.canResume();
    return button("primaryButton")->isEnabled() == primaryOn && button("stopButton")->isEnabled() == s.canStop() &&
           button("saveButton")->isEnabled() == s.canSave() && button("stepButton")->isEnabled() == s.canStepOnce() &&
           !window_->findChild<QLabel*>(QStringLiteral("stateText"))->text().isEmpty();
  }

  void click() {
    static constexpr const char* kButtons[] = {"primaryButton", "primaryButton", "stopButton",  "saveButton",    "stepButton",  "stepButton",
                                               "rateHalf",      "rateDouble",    "liveUndo",    "liveRedo",      "viewLoss",    "viewTimesteps",
                                               "navTrain",      "navData",       "navRuns",     "reshapeButton", "formButton",  "followButton",
                                               "logLoss",       "logSteps",      "showAhead",   "shapeApply",    "unlockForm",  "timestepLog"};
    auto* target = button(kButtons[random_() % std::size(kButtons)]);
    if (target != nullptr && target->isVisible()) QTest::mouseClick(target, Qt::LeftButton);
  }

  void key() {
    switch (random_() % 8) {
      case 0: return QTest::keyClick(window_.get(), Qt::Key_Return, Qt::ControlModifier);
      case 1: return QTest::keyClick(window_.get(), Qt::Key_Period, Qt::ControlModifier);
      case 2: return QTest::keyClick(window_.get(), Qt::Key_F10);
      case 3: return QTest::keyClick(window_.get(), Qt::Key_S, Qt::ControlModifier);
      case 4: return QTest::keyClick(window_.get(), random_() % 2 == 0 ? Qt::Key_Up : Qt::Key_Down, Qt::ControlModifier);
      case 5: return QTest::keyClick(window_.get(), Qt::Key_Z, random_() % 2 == 0 ? Qt::ControlModifier : Qt::ControlModifier | Qt::ShiftModifier);
      case 6: return type("rateValue");
      default: return type("live.total_steps");
    }
  }

  /// Good and bad numbers into a field, as a cat on the keyboard would.
  void type(const char* name) {
    auto* edit = window_->findChild<QLineEdit*>(QLatin1String(name));
    if (edit == nullptr || !edit->isVisible() || !edit->isEnabled()) return;
    static constexpr const char* kTexts[] = {"0", "-1", "nan", "1e9", "3e-4", "0.01", "", "9,9", "400", "1000000"};
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, QLatin1String(kTexts[random_() % std::size(kTexts)]));
    QTest::keyClick(edit, Qt::Key_Return);
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-random-clicks"));
    QSettings().clear();
    qputenv("DWB_RUNS", folder_.filePath(QStringLiteral("runs")).toLocal8Bit());
    qputenv("XDG_CACHE_HOME", folder_.filePath(QStringLiteral("cache")).toLocal8Bit());
    theme_ = std::make_unique<theme::Theme>(theme::Mode::Light);
    test::FakePlan plan;
    plan.stepTime = std::chrono::milliseconds(1);
    session_ = std::make_unique<TrainingSession>(test::fakeTasks(plan));
    draft_ = std::make_unique<RecipeDraft>();
    dataset_ = std::make_unique<DatasetSession>();
    window_ = std::make_unique<MainWindow>(session_.get(), draft_.get(), dataset_.get(), theme_.get());
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }

  void aThousandClicksAndKeys() {
    dataset_->open(QStringLiteral("demo"));
    QTRY_VERIFY_WITH_TIMEOUT(button("primaryButton")->isEnabled(), kLimit);
    int started = 0, applied = 0, refused = 0;
    QObject counting;  // the counters end with this function, and so must the connections
    connect(session_.get(), &TrainingSession::runOpened, &counting, [&started] { ++started; });
    connect(session_.get(), &TrainingSession::commandApplied, &counting, [&applied] { ++applied; });
    connect(session_.get(), &TrainingSession::commandRefused, &counting, [&refused] { ++refused; });
    for (int i = 0; i < 1000; ++i) {
      if (random_() % 4 == 0) key();
      else click();
      QVERIFY2(isConsistent(), qPrintable(QStringLiteral("after %1 clicks").arg(i)));
      if (random_() % 4 == 0) QTest::qWait(static_cast<int>(random_() % 8));
      // Most runs get past their preparation; some are stopped in it.
      if (session_->state() == State::Preparing && random_() % 8 != 0) QTRY_VERIFY_WITH_TIMEOUT(session_->state() != State::Preparing, kLimit);
    }
    qInfo("runs begun %d, commands applied %d, refused %d", started, applied, refused);
    QVERIFY(started >= 1);
    QVERIFY(applied > 20);
  }

  void andItStillTrains() {
    const auto settled = [this] { return session_->pending() == TrainingSession::Pending::None && session_->state() != State::Preparing; };
    QTRY_VERIFY_WITH_TIMEOUT(settled(), kLimit);
    if (session_->canStop()) QTest::mouseClick(button("stopButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(session_->canTrain(), kLimit);
    QVERIFY(isConsistent());
    QTest::mouseClick(button("primaryButton"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), State::Running, kLimit);
    QTRY_VERIFY_WITH_TIMEOUT(session_->last().step > 3, kLimit);
    QTest::mouseClick(button("stopButton"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), State::Finished, kLimit);
  }

  void cleanupTestCase() {
    window_.reset();
    session_.reset();
  }
};

QTEST_MAIN(TestRandomClicks)
#include "tst_random_clicks.moc"
