// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "trainer/checkpoint_schedule.h"

using namespace dw;
using namespace std::chrono_literals;
using trainer::CheckpointSchedule;
using Point = CheckpointSchedule::Point;

/// When a checkpoint is wanted, with times that are handed in.
class TestCheckpointSchedule : public QObject {
  Q_OBJECT

  const CheckpointSchedule::Clock::time_point begin_{};
  static trainer::CommandRequest save(const char* by = "user") { return {messages::SaveCheckpoint{}, by}; }

 private Q_SLOTS:
  void byCount() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 10}, begin_);
    for (std::int64_t step = 1; step < 10; ++step) schedule.stepDone(step, begin_ + 24h);
    QVERIFY(!schedule.wantsSave({9, 0}));
    schedule.stepDone(10, begin_);
    QVERIFY(schedule.wantsSave({10, 0}) && schedule.isPlanned());
    schedule.stepDone(11, begin_);
    QVERIFY(schedule.wantsSave({11, 0}));  // it stays due until it is begun
    schedule.begun({11, 0}, begin_);
    QVERIFY(!schedule.wantsSave({12, 0}) && !schedule.isPlanned());
    QVERIFY(schedule.saved().empty());
    QVERIFY(schedule.isSaved({11, 0}) && !schedule.isSaved({12, 0}));
  }

  void byTheClock() {
    CheckpointSchedule schedule({.everyMinutes = 5.0, .every = 0}, begin_);
    schedule.stepDone(1, begin_ + 5min - 1ms);
    QVERIFY(!schedule.wantsSave({1, 0}));
    schedule.stepDone(2, begin_ + 5min);
    QVERIFY(schedule.wantsSave({2, 0}));
    schedule.begun({2, 0}, begin_ + 7min);  // the next one counts from here
    schedule.saved();
    schedule.stepDone(3, begin_ + 12min - 1ms);
    QVERIFY(!schedule.wantsSave({3, 0}));
    schedule.stepDone(4, begin_ + 12min);
    QVERIFY(schedule.wantsSave({4, 0}));
  }

  void neverUnlessAsked() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 0}, begin_);
    schedule.stepDone(1000, begin_ + 1000h);
    QVERIFY(!schedule.wantsSave({1000, 0}));
    schedule.ask(save("ann"));
    QVERIFY(schedule.wantsSave({1000, 0}) && !schedule.isPlanned());
  }

  /// What one asks for while a save is being written belongs to the next one.
  void askedForIsAnsweredOfItsOwnSave() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 0}, begin_);
    schedule.ask(save("first"));
    schedule.begun({3, 0}, begin_);
    schedule.ask(save("second"));
    const auto told = schedule.saved();
    QCOMPARE(told.size(), std::size_t{1});
    QCOMPARE(told[0].by, std::string("first"));
    QVERIFY(schedule.wantsSave({4, 0}));
    const auto asked = schedule.takeAsked();
    QCOMPARE(asked.size(), std::size_t{1});
    QCOMPARE(asked[0].by, std::string("second"));
    QVERIFY(!schedule.wantsSave({4, 0}));
  }

  /// The same step with other live settings is another point.
  void aChangeOfTheSettingsIsWorthASave() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 0}, begin_);
    schedule.standsAt({7, 1});
    schedule.ask(save());
    QVERIFY(!schedule.wantsSave({7, 1}));
    QVERIFY(schedule.wantsSave({7, 2}));
  }

  void aFailureIsTriedAgainAfterAMinute() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 0}, begin_);
    schedule.ask(save());
    schedule.begun({5, 0}, begin_);
    QVERIFY(schedule.failed("the disk is full", begin_));
    QCOMPARE(schedule.takeBegun().size(), std::size_t{1});
    QVERIFY(!schedule.isSaved({5, 0}));
    schedule.stepDone(6, begin_ + CheckpointSchedule::kRetryAfter - 1ms);
    QVERIFY(!schedule.wantsSave({6, 0}));
    schedule.stepDone(7, begin_ + CheckpointSchedule::kRetryAfter);
    QVERIFY(schedule.wantsSave({7, 0}));
    schedule.begun({7, 0}, begin_ + 60s);
    schedule.saved();
    schedule.stepDone(8, begin_ + 24h);  // it is forgotten
    QVERIFY(!schedule.wantsSave({8, 0}));
  }

  /// The recipe's own time counts where it comes sooner than the retry.
  void theRetryPutsOffNothing() {
    CheckpointSchedule soon({.everyMinutes = 0.5, .every = 0}, begin_);
    soon.begun({5, 0}, begin_);
    soon.failed("full", begin_);
    soon.stepDone(6, begin_ + 30s);
    QVERIFY(soon.wantsSave({6, 0}));
    CheckpointSchedule late({.everyMinutes = 60.0, .every = 0}, begin_);
    late.begun({5, 0}, begin_);
    late.failed("full", begin_);
    late.stepDone(6, begin_ + 60s);
    QVERIFY(late.wantsSave({6, 0}));
  }

  void aFailureIsToldOnce() {
    CheckpointSchedule schedule({.everyMinutes = 1.0, .every = 0}, begin_);
    const auto attempt = [&](const char* why) {
      schedule.begun({5, 0}, begin_);
      const bool told = schedule.failed(why, begin_);
      schedule.takeBegun();
      return told;
    };
    QVERIFY(attempt("full"));
    QVERIFY(!attempt("full"));
    QVERIFY(attempt("gone"));  // another one
    schedule.ask(save());
    QVERIFY(attempt("gone"));  // somebody asked, and waits
    schedule.begun({5, 0}, begin_);
    schedule.saved();
    QVERIFY(attempt("gone"));  // it had worked meanwhile
  }

  void couldNotEvenBegin() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 2}, begin_);
    schedule.stepDone(2, begin_);
    schedule.couldNotBegin("no memory", begin_);
    QVERIFY(!schedule.wantsSave({2, 0}));
    schedule.stepDone(3, begin_ + 59s);
    QVERIFY(!schedule.wantsSave({3, 0}));
    schedule.stepDone(3, begin_ + 60s);
    QVERIFY(schedule.wantsSave({3, 0}));
  }

  void wentBack() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 5}, begin_);
    schedule.stepDone(10, begin_);
    schedule.standsAt({5, 3});
    QVERIFY(schedule.isSaved({5, 3}) && !schedule.isPlanned());
    QVERIFY(!schedule.wantsSave({6, 3}));  // what was due belonged to the steps that are given up
  }

  void aBranchIsDueAtOnce() {
    CheckpointSchedule schedule({.everyMinutes = 0.0, .every = 0}, begin_);
    QVERIFY(!schedule.wantsSave({5, 0}));
    schedule.makeDue();
    QVERIFY(schedule.wantsSave({5, 0}) && schedule.isPlanned());
    schedule.dropDue();
    QVERIFY(!schedule.wantsSave({5, 0}));
  }
};

QTEST_GUILESS_MAIN(TestCheckpointSchedule)
#include "tst_checkpoint_schedule.moc"
