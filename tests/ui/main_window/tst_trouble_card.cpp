// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPushButton>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "cards/card_stack.h"
#include "fake_task.h"
#include "main_window/desktop_link.h"
#include "main_window/trouble_card.h"
#include "session/training/training_session.h"

using namespace dw;
using namespace dw::ui;
using messages::State;

class TestTroubleCard : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;
  QTemporaryDir home_;

 private Q_SLOTS:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }

  void theCardNamesWhatIsKnown() {
    TrainingSession session(test::fakeTasks());
    messages::Trouble trouble;
    trouble.sentence = "update 812 was not made: the loss is NaN";
    trouble.step = 811;
    trouble.samples = {5, 7, 9, 11, 13, 15, 17, 19, 21, 23};
    trouble.tensor = "in_patch.weight";
    trouble.halveRate = trouble.skipBatch = true;
    trouble.goBackTo = 500;
    const auto card = troubleCard(trouble, &session);
    QCOMPARE(card.sentence, QStringLiteral("Update 812 was not made: the loss is NaN"));
    QVERIFY(card.remedy.contains(QStringLiteral("in_patch.weight")) && card.remedy.contains(QStringLiteral("5, 7, 9")));
    QCOMPARE(card.buttons.size(), 3);
    QVERIFY(card.buttons[2].text.contains(QStringLiteral("500")));
    trouble.goBackTo = -1;
    trouble.skipBatch = false;
    QCOMPARE(troubleCard(trouble, &session).buttons.size(), 1);
  }

  void aLackOfMemorySaysWhatHelps() {
    TrainingSession session(test::fakeTasks());
    const auto card = troubleCard({.kind = ErrorKind::OutOfMemory,
                                   .sentence = "the checkpoint of step 4 was not made",
                                   .remedy = "use a smaller batch",
                                   .step = 4},
                                  &session);
    QVERIFY(card.remedy.contains(QStringLiteral("step 4")) &&
            card.remedy.contains(QStringLiteral("use a smaller batch")));
    QVERIFY(card.buttons.isEmpty());
  }

  void halfTheRateGoesOn() {
    test::FakePlan plan;
    plan.stepTime = std::chrono::milliseconds(1);
    plan.notFiniteAt = 20;
    TrainingSession session(test::fakeTasks(plan));
    CardStack cards;
    cards.QWidget::show();
    watchTrouble(&session, &cards);
    QWidget window;
    DesktopLink desktop(&session, &window);
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = 60;
    QVERIFY(session.start(trainer::FreshRun{
        .recipe = recipe, .data = "demo", .folder = std::filesystem::path(home_.path().toStdString()) / "run"}));
    QTRY_COMPARE_WITH_TIMEOUT(cards.cards().size(), 1, kLimit);
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), State::Paused, kLimit);  // told a moment after the trouble
    QCOMPARE(session.last().step, std::int64_t{19});
    auto* half = cards.findChild<QPushButton*>(QStringLiteral("cardRemedy0"));
    QVERIFY(half);
    const double rate = session.live().settings.lr;
    half->click();
    QTRY_COMPARE_WITH_TIMEOUT(session.live().settings.lr, rate / 2, kLimit);
    // The fake stumbles at that step every time: the card comes back instead of a run that hangs.
    QTRY_COMPARE_WITH_TIMEOUT(cards.cards().size(), 1, kLimit);
    session.stop();
    QTRY_VERIFY_WITH_TIMEOUT(session.canTrain(), kLimit);
    QTRY_VERIFY(cards.cards().isEmpty());
    QCOMPARE(desktop.told(), 0);  // a window that is not shown has nobody to tell
  }
};

QTEST_MAIN(TestTroubleCard)
#include "tst_trouble_card.moc"
