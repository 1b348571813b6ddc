// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <thread>

#include "trainer/state_machine.h"

using namespace dw;
using namespace std::chrono_literals;
using messages::State;

/// What may follow what, and the waiting for the end.
class TestStateMachine : public QObject {
  Q_OBJECT

  static constexpr std::array kStates{State::Idle,     State::Preparing, State::Running, State::Paused,
                                      State::Stopping, State::Finished,  State::Failed};

 private Q_SLOTS:
  void nothingElseMayFollow() {
    const auto after = [](State from) {
      std::vector<State> found;
      for (const auto to : kStates) {
        if (trainer::mayFollow(from, to)) found.push_back(to);
      }
      return found;
    };
    using States = std::vector<State>;
    for (const auto rest : {State::Idle, State::Finished, State::Failed})
      QVERIFY(after(rest) == States{State::Preparing});
    QVERIFY((after(State::Preparing) == States{State::Running, State::Stopping, State::Failed}));
    QVERIFY((after(State::Running) == States{State::Paused, State::Stopping, State::Failed}));
    QVERIFY((after(State::Paused) == States{State::Running, State::Stopping, State::Failed}));
    QVERIFY((after(State::Stopping) == States{State::Finished, State::Failed}));
  }

  void restsWhereNoThreadIsAtWork() {
    trainer::StateMachine machine;
    QVERIFY(machine.rests() && machine.waitUntilRests(0ms));
    for (const auto next : {State::Preparing, State::Running, State::Paused, State::Running, State::Stopping}) {
      machine.enter(next);
      QCOMPARE(machine.state(), next);
      QVERIFY(!machine.rests() && !machine.waitUntilRests(0ms));
    }
    machine.enter(State::Finished);
    QVERIFY(machine.rests());
    machine.enter(State::Preparing);
    machine.enter(State::Failed);
    QVERIFY(machine.rests());
  }

  void theEndWakesWhoeverWaits() {
    trainer::StateMachine machine;
    machine.enter(State::Preparing);
    std::jthread other([&] {
      machine.enter(State::Stopping);
      machine.enter(State::Finished);
    });
    QVERIFY(machine.waitUntilRests(60s));
    QCOMPARE(machine.state(), State::Finished);
  }
};

QTEST_GUILESS_MAIN(TestStateMachine)
#include "tst_state_machine.moc"
