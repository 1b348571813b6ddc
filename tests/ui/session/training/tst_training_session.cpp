// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "fake_task.h"
#include "run_folder/metrics_file.h"
#include "session/training/training_session.h"

using namespace dw;
using namespace dw::ui;
using messages::State;
using Pending = TrainingSession::Pending;

/// The session over the real runner with a fake task: what panels hear, in which order, and that nothing gets lost.
class TestTrainingSession : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;

  QTemporaryDir home_;
  int count_ = 0;

  trainer::FreshRun request(std::int64_t steps) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = steps;
    const auto folder = std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
    return {.recipe = recipe, .data = "demo", .folder = folder};
  }

  static test::FakePlan endless() {
    test::FakePlan plan;
    plan.stepTime = std::chrono::milliseconds(1);
    return plan;
  }

  static void runUntil(TrainingSession& session, State state) {
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), state, kLimit);
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void metricsArriveInOrderAndBeforeTheEnd() {
    TrainingSession session(test::fakeTasks());
    std::vector<std::int64_t> seen;
    std::vector<State> states;
    std::size_t seenAtEnd = 0;
    bool openedFirst = false;
    connect(&session, &TrainingSession::runOpened, this, [&] { openedFirst = seen.empty(); });
    connect(&session, &TrainingSession::metricsAppended, this, [&](const QList<messages::StepMetrics>& metrics) {
      for (const auto& m : metrics) seen.push_back(m.step);
    });
    connect(&session, &TrainingSession::stateChanged, this, [&](State state) {
      states.push_back(state);
      if (state == State::Finished) seenAtEnd = seen.size();
    });
    const auto wanted = request(400);
    QVERIFY(session.start(wanted));
    QVERIFY(!session.start(request(1)));  // one run at a time
    runUntil(session, State::Finished);
    QVERIFY(openedFirst);
    QCOMPARE(seenAtEnd, std::size_t{400});
    for (std::size_t i = 0; i < seen.size(); ++i) QCOMPARE(seen[i], static_cast<std::int64_t>(i) + 1);
    QCOMPARE(states, (std::vector{State::Preparing, State::Running, State::Stopping, State::Finished}));
    const auto file = run_folder::readMetrics(wanted.folder / "metrics.bin");
    QCOMPARE(session.history().size(), file.size());
    for (std::size_t i = 0; i < file.size(); ++i) QCOMPARE(session.history().loss[i], file[i].loss);
    QCOMPARE(session.recipe()->name, std::string("lecture"));
  }

  void pauseResumeStop() {
    TrainingSession session(test::fakeTasks(endless()));
    QVERIFY(session.canTrain() && !session.canPause() && !session.canStop() && !session.canSave());
    QVERIFY(session.start(request(1'000'000)));
    QVERIFY(!session.canTrain() && !session.canPause() && session.canStop());
    runUntil(session, State::Running);
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > 5, kLimit);
    QVERIFY(session.canPause() && session.canSave() && !session.canResume());
    session.pause();
    QCOMPARE(session.pending(), Pending::Pausing);
    QVERIFY(!session.canPause() && session.canStop());
    runUntil(session, State::Paused);
    QCOMPARE(session.pending(), Pending::None);
    const auto step = session.last().step;
    QTest::qWait(100);
    QCOMPARE(session.last().step, step);
    session.resume();
    QCOMPARE(session.pending(), Pending::Resuming);
    runUntil(session, State::Running);
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > step, kLimit);
    session.stop();
    QCOMPARE(session.pending(), Pending::Stopping);
    QVERIFY(!session.canStop() && !session.canPause() && !session.canSave());
    runUntil(session, State::Finished);
    QVERIFY(session.canTrain());
    QVERIFY(session.start(request(3)));  // and again
    QVERIFY2(!session.run() && session.history().empty() && session.last().step == 0, "the run before shows through");
    QVERIFY(!session.secondsLeft());
    runUntil(session, State::Finished);
    QCOMPARE(session.history().size(), std::size_t{3});
  }

  void savesOnDemandAlsoTwiceAtOneStep() {
    TrainingSession session(test::fakeTasks(endless()));
    QSignalSpy saved(&session, &TrainingSession::checkpointSaved);
    QVERIFY(session.start(request(1'000'000)));
    runUntil(session, State::Running);
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > 0, kLimit);
    session.pause();
    runUntil(session, State::Paused);
    session.saveNow();
    QVERIFY(session.isSaving() && !session.canSave());
    QTRY_VERIFY_WITH_TIMEOUT(!session.isSaving(), kLimit);
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 1, kLimit);  // written by a thread of its own
    session.saveNow();  // the weights are on the disk already: no new checkpoint, but an answer
    QTRY_VERIFY_WITH_TIMEOUT(session.canSave(), kLimit);
    QCOMPARE(saved.size(), 1);
  }

  void learningRateIsAnswered() {
    TrainingSession session(test::fakeTasks(endless()));
    QVERIFY(!session.setLearningRate(0.5));
    QVERIFY(session.start(request(1'000'000)));
    runUntil(session, State::Running);
    QSignalSpy applied(&session, &TrainingSession::commandApplied);
    QVERIFY(!session.setLearningRate(0.0));
    QVERIFY(!session.setLearningRate(std::nan("")));
    QVERIFY(session.setLearningRate(0.125));
    QTRY_COMPARE_WITH_TIMEOUT(applied.size(), 1, kLimit);
    QTRY_COMPARE_WITH_TIMEOUT(session.last().lr, 0.125, kLimit);
  }

  /// The window hangs while far more steps are done than the ring holds: the history is completed from the file.
  void whatTheRingDroppedComesFromTheFile() {
    constexpr std::int64_t kSteps = 18'000;
    test::FakePlan plan;
    plan.stepTime = std::chrono::microseconds(0);
    TrainingSession session(test::fakeTasks(plan));
    const auto wanted = request(kSteps);
    QSignalSpy rewritten(&session, &TrainingSession::historyRewritten);
    QVERIFY(session.start(wanted));
    const auto last = [&] {
      const auto all = run_folder::readMetrics(wanted.folder / "metrics.bin");
      return all.empty() ? 0 : all.back().step;
    };
    for (int i = 0; i < 400 && last() < kSteps; ++i) QThread::msleep(500);  // no event loop meanwhile
    QCOMPARE(last(), kSteps);
    runUntil(session, State::Finished);
    QTRY_COMPARE_WITH_TIMEOUT(static_cast<std::int64_t>(session.history().size()), kSteps, kLimit);
    QVERIFY(!rewritten.isEmpty());
    for (std::size_t i = 0; i < session.history().size(); ++i) {
      QCOMPARE(session.history().step[i], static_cast<std::int64_t>(i) + 1);
      QCOMPARE(session.history().loss[i], 1.0 / static_cast<double>(i + 1));
    }
  }

  /// NaN is no failure: the run pauses on good weights and waits for a remedy.
  void troubleIsTold() {
    test::FakePlan plan;
    plan.notFiniteAt = 20;
    TrainingSession session(test::fakeTasks(plan));
    QSignalSpy troubled(&session, &TrainingSession::troubled);
    QVERIFY(session.start(request(100)));
    runUntil(session, State::Paused);
    QTRY_COMPARE_WITH_TIMEOUT(session.last().step, 19, kLimit);
    QCOMPARE(troubled.size(), 1);
    QCOMPARE(session.trouble()->kind, ErrorKind::NotFinite);
    QVERIFY(session.resumeAtHalfRate());
    QTRY_COMPARE_WITH_TIMEOUT(troubled.size(), 2, kLimit);  // this task's NaN does not mind the rate
    QCOMPARE(session.live().settings.lr, 0.5e-4);
    QTRY_VERIFY_WITH_TIMEOUT(session.canUndo() && session.canResume(), kLimit);
    QVERIFY(session.undo());
    QTRY_COMPARE_WITH_TIMEOUT(session.live().settings.lr, 1e-4, kLimit);
    session.stop();
    runUntil(session, State::Finished);
    QVERIFY(!session.trouble());
  }

  void failureIsTold() {
    TrainingSession session(test::fakeTasks());
    QSignalSpy failed(&session, &TrainingSession::failed);
    auto impossible = request(100);
    impossible.recipe.model.patchSize = 5;
    QVERIFY(session.start(impossible));
    runUntil(session, State::Failed);
    QCOMPARE(failed.size(), 1);
    QCOMPARE(session.failure()->kind, ErrorKind::Usage);
    QVERIFY(session.canTrain() && !session.canStop());
    QVERIFY(session.start(request(5)));
    QVERIFY(!session.failure());
  }

  void resumedRunHasItsWholeHistory() {
    TrainingSession session(test::fakeTasks());
    const auto first = request(50);
    QVERIFY(session.start(first));
    runUntil(session, State::Finished);
    const trainer::ResumeRun more{.run = first.folder, .totalSteps = 80};
    QVERIFY(session.start(more));
    runUntil(session, State::Finished);
    QTRY_COMPARE_WITH_TIMEOUT(session.history().size(), std::size_t{80}, kLimit);
    for (std::size_t i = 0; i < 80; ++i) QCOMPARE(session.history().step[i], static_cast<std::int64_t>(i) + 1);
    QCOMPARE(session.recipe()->name, std::string("lecture"));
  }

  /// Neither the steps that were seen nor those that are read from the file again.
  void goingBackLeavesNothingOfWhatWasAbandoned() {
    TrainingSession session(test::fakeTasks(endless()));
    QVERIFY(session.start(request(1'000'000)));
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > 5, kLimit);
    session.pause();
    runUntil(session, State::Paused);
    session.saveNow();
    QTRY_VERIFY_WITH_TIMEOUT(!session.isSaving(), kLimit);
    const auto kept = session.last().step;
    session.resume();
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > kept + 30, kLimit);
    session.pause();
    runUntil(session, State::Paused);
    QSignalSpy back(&session, &TrainingSession::wentBack);
    QSignalSpy rewritten(&session, &TrainingSession::historyRewritten);
    QVERIFY(session.goBack());
    QTRY_COMPARE_WITH_TIMEOUT(back.size(), 1, kLimit);
    QCOMPARE(session.history().lastStep(), kept);
    QTRY_VERIFY_WITH_TIMEOUT(rewritten.size() >= 2, kLimit);  // cut, then completed from the file
    QCOMPARE(session.history().lastStep(), kept);
    QCOMPARE(session.timesteps().lastStep(), kept);
    session.resume();
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step > kept + 5, kLimit);
    session.pause();
    runUntil(session, State::Paused);
    QCOMPARE(session.history().lastStep(), session.last().step);
    QCOMPARE(session.history().missing(), std::int64_t{0});
  }

  void destructionStopsTheRun() {
    const auto wanted = request(1'000'000);
    {
      TrainingSession session(test::fakeTasks(endless()));
      QVERIFY(session.start(wanted));
      QTRY_VERIFY_WITH_TIMEOUT(session.last().step > 3, kLimit);
    }
    QVERIFY(std::filesystem::exists(wanted.folder / "checkpoints"));
    QVERIFY(!std::filesystem::is_empty(wanted.folder / "checkpoints"));
  }
};

QTEST_GUILESS_MAIN(TestTrainingSession)
#include "tst_training_session.moc"
