// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "trainer/wishes.h"

using namespace dw;
using trainer::CommandRequest;

/// What can be obeyed with no model in sight.
class TestWishes : public QObject {
  Q_OBJECT

  static config::Recipe recipe() {
    config::Recipe r;
    r.train.steps = 100;
    return r;
  }
  trainer::Wishes wishes_;
  trainer::LiveControl control_;

  std::string outcome(const messages::Command& command) {
    const auto answer = trainer::obeyWithoutModel({command, "ann"}, 5, wishes_, control_);
    if (!answer) return "none of these";
    if (!*answer) return "no answer";
    if (const auto* yes = std::get_if<messages::CommandApplied>(&**answer))
      return yes->by == "ann" && yes->step == 5 ? "applied " + yes->name : "wrong answer";
    const auto& no = std::get<messages::CommandRefused>(**answer);
    return no.by == "ann" && no.step == 5 && !no.sentence.empty() ? "refused " + no.name : "wrong answer";
  }

 private Q_SLOTS:
  void init() {
    wishes_ = {};
    control_ = trainer::LiveControl(recipe());
  }

  void pauseResumeStop() {
    QCOMPARE(outcome(messages::Pause{}), std::string("applied pause"));
    QVERIFY(wishes_.pause && !wishes_.stop);
    QCOMPARE(outcome(messages::Resume{}), std::string("applied resume"));
    QVERIFY(!wishes_.pause && !wishes_.stop);
    QCOMPARE(outcome(messages::Stop{}), std::string("applied stop"));
    QVERIFY(wishes_.stop);
    QCOMPARE(control_.state().changes, std::int64_t{0});
  }

  void liveSettings() {
    QCOMPARE(outcome(messages::Change{config::LiveField::LearningRate, 0.5}), std::string("applied learning_rate"));
    QCOMPARE(control_.settings().lr, 0.5);
    QCOMPARE(outcome(messages::Change{config::LiveField::LearningRate, -1.0}), std::string("refused learning_rate"));
    QCOMPARE(control_.settings().lr, 0.5);
    QCOMPARE(outcome(messages::Undo{}), std::string("applied undo"));
    QCOMPARE(outcome(messages::Undo{}), std::string("refused undo"));
    QCOMPARE(outcome(messages::Redo{}), std::string("applied redo"));
    QVERIFY(!wishes_.pause && !wishes_.stop);
  }

  void whatNeedsAModelIsLeftToOthers() {
    const std::vector<messages::Command> others{messages::SaveCheckpoint{}, messages::StepOnce{}, messages::GoBack{},
                                                messages::CopyWeights{}};
    for (const auto& command : others) QCOMPARE(outcome(command), std::string("none of these"));
    QVERIFY(!wishes_.pause && !wishes_.stop);
    QCOMPARE(control_.state().changes, std::int64_t{0});
  }
};

QTEST_GUILESS_MAIN(TestWishes)
#include "tst_wishes.moc"
