// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <thread>

#include "trainer/command_inbox.h"

using namespace dw;
using namespace std::chrono_literals;
using trainer::CommandInbox;
using Names = std::vector<std::string>;

/// In which order commands come out, and what waits while something is measured.
class TestCommandInbox : public QObject {
  Q_OBJECT

  static void send(CommandInbox& inbox, const std::vector<messages::Command>& commands) {
    for (const auto& command : commands) inbox.send({command});
  }
  template <typename Next>
  static Names drained(const Next& next) {
    Names names;
    while (const auto request = next()) names.push_back(messages::commandName(request->command));
    return names;
  }
  static Names rest(CommandInbox& inbox) {
    return drained([&] { return inbox.next(); });
  }

 private Q_SLOTS:
  void answersNameTheirRequest() {
    const auto yes = trainer::applied({messages::SaveCheckpoint{}, "ann"}, 7);
    const auto& applied = std::get<messages::CommandApplied>(*yes);
    QCOMPARE(applied.name, std::string("save"));
    QCOMPARE(applied.by, std::string("ann"));
    QCOMPARE(applied.step, std::int64_t{7});
    const auto no = trainer::refused({messages::GoBack{3}, "bob"}, 8, "why", "what instead");
    const auto& refused = std::get<messages::CommandRefused>(*no);
    QCOMPARE(refused.name, std::string("go_back"));
    QCOMPARE(refused.by, std::string("bob"));
    QCOMPARE(refused.step, std::int64_t{8});
    QCOMPARE(refused.sentence, std::string("why"));
    QCOMPARE(refused.remedy, std::string("what instead"));
    QCOMPARE(std::get<messages::GoBack>(refused.command).step, std::int64_t{3});
  }

  void inOrder() {
    CommandInbox inbox;
    send(inbox, {messages::Pause{}, messages::StepOnce{}, messages::Resume{}});
    QCOMPARE(rest(inbox), (Names{"pause", "step_once", "resume"}));
  }

  /// What would change the weights, and all that came after it, a Stop apart; afterwards in the order in which it came.
  void heldBackWhileMeasuring() {
    CommandInbox inbox;
    send(inbox, {messages::Pause{}, messages::StepOnce{}, messages::Undo{}, messages::GoBack{}, messages::Stop{},
                 messages::Resume{}});
    QCOMPARE(drained([&] { return inbox.nextWhileMeasuring(); }), (Names{"pause", "stop"}));
    send(inbox, {messages::Redo{}});
    QCOMPARE(rest(inbox), (Names{"step_once", "undo", "go_back", "resume", "redo"}));
    send(inbox, {messages::Pause{}});  // nothing is held back any more
    QCOMPARE(drained([&] { return inbox.nextWhileMeasuring(); }), (Names{"pause"}));
  }

  void whatIsHeldBackComesBeforeTheWait() {
    CommandInbox inbox;
    send(inbox, {messages::StepOnce{}});
    QVERIFY(!inbox.nextWhileMeasuring());
    send(inbox, {messages::Pause{}});
    const auto first = inbox.waitForNext({}, 0ms);
    QVERIFY(first && std::holds_alternative<messages::StepOnce>(first->command));
    const auto second = inbox.waitForNext({}, 0ms);
    QVERIFY(second && std::holds_alternative<messages::Pause>(second->command));
    QVERIFY(!inbox.waitForNext({}, 1ms));
  }

  void waitingEndsWithACommandOrAStop() {
    CommandInbox inbox;
    std::jthread sender([&] { inbox.send({messages::Undo{}}); });
    const auto found = inbox.waitForNext({}, std::nullopt);
    QVERIFY(found && std::holds_alternative<messages::Undo>(found->command));
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    QVERIFY(!inbox.waitForNext(stop.get_token(), std::nullopt));
  }

  /// Sending never blocks, and looking while measuring comes to an end.
  void aFlood() {
    CommandInbox inbox;
    int taken = 0;
    while (inbox.send({messages::StepOnce{}})) ++taken;
    QCOMPARE(taken, 1024);
    QVERIFY(!inbox.nextWhileMeasuring());  // held back, no more than so many at once
    int again = 0;
    while (inbox.send({messages::Undo{}})) ++again;
    QCOMPARE(again, CommandInbox::kAtOnce);
    const auto names = rest(inbox);
    QCOMPARE(names.size(), std::size_t(taken + again));
    QCOMPARE(names.front(), std::string("step_once"));
    QCOMPARE(names.back(), std::string("undo"));
  }

  void clearForgetsWhatIsHeldBackToo() {
    CommandInbox inbox;
    send(inbox, {messages::StepOnce{}, messages::Undo{}});
    QVERIFY(!inbox.nextWhileMeasuring());
    send(inbox, {messages::Pause{}});
    inbox.clear();
    QVERIFY(!inbox.next() && !inbox.nextWhileMeasuring());
  }
};

QTEST_GUILESS_MAIN(TestCommandInbox)
#include "tst_command_inbox.moc"
