// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QLineEdit>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "fake_task.h"
#include "run_bar/log_dial.h"
#include "run_bar/rate_control.h"
#include "session/training/command_text.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"

using namespace dw;
using namespace dw::ui;
using messages::State;

/// The learning rate turned with real keys and clicks, over the real runner with a fake task.
class TestRateControl : public QObject {
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
    RateControl control{&session, &draft};
    LogDial* dial = control.findChild<LogDial*>();
    QLineEdit* value = control.findChild<QLineEdit*>(QStringLiteral("rateValue"));
    QLabel* note = control.findChild<QLabel*>(QStringLiteral("rateNote"));
    QToolButton* button(const char* name) { return control.findChild<QToolButton*>(QLatin1String(name)); }
    void click(const char* name) { QTest::mouseClick(button(name), Qt::LeftButton); }
    void type(const QString& text) {
      value->setFocus();
      value->selectAll();
      QTest::keyClicks(value, text);
      QTest::keyClick(value, Qt::Key_Return);
    }
    double live() const { return session.live().settings.lr; }
  };

  void begin(Bench& b) {
    auto recipe = config::builtinRecipe("lecture");  // rate 1e-4
    recipe.train.steps = 1'000'000;
    const auto folder = std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
    b.control.show();
    QVERIFY(b.session.start(trainer::FreshRun{.recipe = recipe, .data = "demo", .folder = folder}));
    QTRY_COMPARE_WITH_TIMEOUT(b.session.state(), State::Running, kLimit);
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test"));
  }

  void withoutARunItIsTheDrafts() {
    Bench b;
    b.control.show();
    b.draft.setField(QStringLiteral("optim.lr"), QStringLiteral("0.001"));
    QCOMPARE(b.value->text(), QStringLiteral("0.001"));
    b.click("rateHalf");
    QCOMPARE(b.draft.recipe().optim.lr, 0.0005);
    b.type(QStringLiteral("3e-4"));
    QCOMPARE(b.draft.recipe().optim.lr, 3e-4);
    QVERIFY(std::abs(b.dial->value() / 3e-4 - 1.0) < 0.03);
    b.type(QStringLiteral("0,002"));  // once read as 2
    QCOMPARE(b.draft.recipe().optim.lr, 0.002);
    b.type(QStringLiteral("1,000"));
    QCOMPARE(b.draft.recipe().optim.lr, 0.002);
    QVERIFY(b.note->property("problem").toBool());
    QVERIFY(!b.button("liveUndo")->isEnabled());
  }

  void clicksAreCommandsWithTheirStep() {
    Bench b;
    begin(b);
    QCOMPARE(b.live(), 1e-4);
    b.click("rateDouble");
    QTRY_COMPARE_WITH_TIMEOUT(b.live(), 2e-4, kLimit);
    QVERIFY(b.note->text().contains(QStringLiteral("applied at step")));
    QVERIFY(b.button("liveUndo")->isEnabled());
    b.click("rateHalf");
    b.click("rateHalf");  // faster than a step: a quarter all the same
    QTRY_COMPARE_WITH_TIMEOUT(b.live(), 5e-5, kLimit);
    QTRY_COMPARE(b.value->text(), QStringLiteral("5e-5"));
    b.click("liveUndo");
    QTRY_COMPARE_WITH_TIMEOUT(b.live(), 1e-4, kLimit);
    QTRY_VERIFY(b.button("liveRedo")->isEnabled());
    b.click("liveRedo");
    QTRY_COMPARE_WITH_TIMEOUT(b.live(), 5e-5, kLimit);
    QCOMPARE(b.draft.recipe().optim.lr, config::builtinRecipe("quick").optim.lr);  // the next run's is another
  }

  void whatIsNoRateChangesNothing() {
    Bench b;
    begin(b);
    for (const char* bad : {"0", "-1e-3", "nan", "1e9", "fast", "1,000"}) {
      b.type(QLatin1String(bad));
      QVERIFY2(b.note->property("problem").toBool(), bad);
      QVERIFY(!b.note->toolTip().isEmpty());
      QCOMPARE(b.live(), 1e-4);
      QCOMPARE(b.value->text(), QStringLiteral("0.0001"));
    }
    b.type(QStringLiteral("2.5e-4"));
    QTRY_COMPARE_WITH_TIMEOUT(b.live(), 2.5e-4, kLimit);
    QVERIFY(!b.note->property("problem").toBool());
  }

  void theDialSendsWhatItCameToRestAt() {
    Bench b;
    begin(b);
    const auto before = b.session.live().changes;
    b.dial->setFocus();
    for (int i = 0; i < 40; ++i) QTest::keyClick(b.dial, Qt::Key_Up);  // a decade
    QTRY_VERIFY_WITH_TIMEOUT(std::abs(b.live() / 1e-3 - 1.0) < 0.03, kLimit);
    QCOMPARE(b.session.live().changes - before, std::int64_t{1});  // one command, not forty
  }

  void figures() {
    QCOMPARE(rateInFigures(3e-4), QStringLiteral("0.0003"));
    QCOMPARE(rateInFigures(7e-5), QStringLiteral("7e-5"));
  }
};

QTEST_MAIN(TestRateControl)
#include "tst_rate_control.moc"
