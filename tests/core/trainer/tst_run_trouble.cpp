// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: run_loop, failure, active_run
#include <QTest>
#include <cmath>

#include "control_runs.h"
#include "heard.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "trainer/training_runner.h"

using namespace dw;
using namespace std::chrono_literals;
using config::LiveField;
using messages::State;
using test::hashOf;
using test::Heard;

/// Updates that cannot be made, with their remedies: on a fake task. Runs under TSan.
class TestRunTrouble : public QObject, test::ControlRuns {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void notFinitePausesAndIsMended_data() {
    QTest::addColumn<bool>("skip");
    QTest::newRow("half the rate") << false;
    QTest::newRow("skip the batch") << true;
  }
  void notFinitePausesAndIsMended() {
    QFETCH(bool, skip);
    test::ControlPlan plan;
    plan.badBatch = 8;
    plan.badAbove = skip ? 0.0 : 5e-5;
    trainer::TrainingRunner runner(test::controlTasks(plan));
    const auto wanted = request(20);
    QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner,
                          [&] { return runner.state() == State::Paused && !heard.all<messages::Trouble>().empty(); }));
    const auto trouble = heard.all<messages::Trouble>()[0];
    QCOMPARE(trouble.step, std::int64_t{8});
    QCOMPARE(trouble.samples, (std::vector<std::int64_t>{8, 9}));
    QCOMPARE(trouble.tensor, std::string("the gradient of 'w'"));
    QVERIFY(trouble.halveRate && trouble.skipBatch);
    QCOMPARE(trouble.goBackTo, std::int64_t{-1});
    if (skip)
      runner.send(messages::SkipBatch{});
    else
      runner.send(messages::HalveRate{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(runner.state(), State::Finished);
    QCOMPARE(run_folder::readMetrics(wanted.folder / "metrics.bin").size(), std::size_t{20});
    QVERIFY(readTextFile(wanted.folder / "log.jsonl").find(skip ? "skip_batch" : "halve_rate") != std::string::npos);
    QCOMPARE(hashOf(replayed(wanted.folder)), hashOf(wanted.folder));
  }

  void goesBackToACheckpoint() {
    test::ControlPlan plan;
    plan.badBatch = 18;
    trainer::TrainingRunner runner(test::controlTasks(plan));
    auto wanted = request(30);
    wanted.recipe.checkpoint.every = 5;
    QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused; }));
    runner.send(messages::SaveCheckpoint{});
    QVERIFY(heard.answered(runner, "save"));
    runner.send(messages::GoBack{});
    QVERIFY(heard.answered(runner, "go_back"));
    const auto back = heard.all<messages::WentBack>().at(0);
    QCOMPARE(back.from, std::int64_t{18});
    // A checkpoint that is due while the one before is written comes a step or more later, so which ones there are is heard.
    std::int64_t newest = 0;
    for (const auto& saved : heard.all<messages::CheckpointSaved>()) {
      if (saved.step < 18) newest = std::max(newest, saved.step);
    }
    QVERIFY(newest >= 5);
    QCOMPARE(back.to, newest);
    QCOMPARE(run_folder::CheckpointStore(wanted.folder / "checkpoints").newestGood()->step, back.to);
    QCOMPARE(run_folder::readMetrics(wanted.folder / "metrics.bin").back().step, back.to);  // before any new step
    runner.send(messages::Change{LiveField::LearningRate, 0.01});
    runner.send(messages::Resume{});
    QVERIFY(heard.waitFor(runner, [&] { return heard.all<messages::Trouble>().size() == 2; }));
    runner.send(messages::SkipBatch{});
    QVERIFY(runner.waitFinished(kLimit));
    const auto metrics = run_folder::readMetrics(wanted.folder / "metrics.bin");
    QCOMPARE(metrics.size(), std::size_t{30});
    QVERIFY(metrics[static_cast<std::size_t>(back.to)].lr > 1e-3);  // the first one after it, with the new rate
    QCOMPARE(hashOf(replayed(wanted.folder)), hashOf(wanted.folder));
  }

  void lackOfMemoryPauses() {
    test::ControlPlan plan;
    plan.noMemory = std::make_shared<bool>(true);
    trainer::TrainingRunner runner(test::controlTasks(plan));
    QVERIFY(runner.start(request(10), trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused; }));
    heard.drain(runner);
    QCOMPARE(heard.all<messages::Trouble>().at(0).kind, ErrorKind::OutOfMemory);
    QVERIFY(!heard.all<messages::Trouble>()[0].skipBatch);
    runner.send(messages::Resume{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(runner.state(), State::Finished);
  }

  /// A checkpoint or a validation that finds no memory pauses as well; the update before it was made.
  void lackOfMemoryBetweenUpdatesPauses_data() {
    QTest::addColumn<bool>("validating");
    QTest::newRow("a checkpoint") << false;
    QTest::newRow("the validation loss") << true;
  }
  void lackOfMemoryBetweenUpdatesPauses() {
    QFETCH(bool, validating);
    test::ControlPlan plan;
    (validating ? plan.noMemoryToValidate : plan.noMemoryToCopy) = std::make_shared<bool>(true);
    trainer::TrainingRunner runner(test::controlTasks(plan));
    auto wanted = request(60);
    wanted.recipe.checkpoint = {.everyMinutes = 0, .every = validating ? 0 : 10, .keep = 9};
    wanted.recipe.validation.every = validating ? 10 : 0;
    QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner,
                          [&] { return runner.state() == State::Paused && !heard.all<messages::Trouble>().empty(); }));
    const auto trouble = heard.all<messages::Trouble>()[0];
    QCOMPARE(trouble.kind, ErrorKind::OutOfMemory);
    QCOMPARE(trouble.step, std::int64_t{10});
    QVERIFY(trouble.samples.empty() && !trouble.skipBatch);
    runner.send(messages::SaveCheckpoint{});
    QVERIFY(heard.waitFor(runner, [&] { return !heard.all<messages::CheckpointSaved>().empty(); }));
    runner.send(messages::Resume{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(runner.state(), State::Finished);
    QCOMPARE(run_folder::readMetrics(wanted.folder / "metrics.bin").size(), std::size_t{60});
  }

  void saveWithoutMemoryIsRefused() {
    test::ControlPlan plan;
    plan.noMemoryToCopy = std::make_shared<bool>(false);
    trainer::TrainingRunner runner(test::controlTasks(plan));
    QVERIFY(runner.start(request(1'000'000), trainer::OnTrouble::Pause));
    Heard heard;
    runner.send(messages::Pause{});
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused; }));
    runner.send(messages::StepOnce{});
    QVERIFY(heard.answered(runner, "step_once"));
    *plan.noMemoryToCopy = true;  // it rests: nobody else looks at it
    runner.send(messages::SaveCheckpoint{});
    QVERIFY(heard.answered(runner, "save"));
    QCOMPARE(heard.all<messages::CommandRefused>().size(), std::size_t{1});
    QCOMPARE(heard.all<messages::Trouble>().size(), std::size_t{1});
    QCOMPARE(runner.state(), State::Paused);
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(runner.state(), State::Finished);
  }

  /// An update that broke off half-way leaves no good weights: those of the last checkpoint are taken, or the run fails and
  /// saves nothing.
  void tornUpdate_data() {
    QTest::addColumn<bool>("saved");
    QTest::newRow("with a checkpoint") << true;
    QTest::newRow("without") << false;
  }
  void tornUpdate() {
    QFETCH(bool, saved);
    test::ControlPlan plan;
    plan.breaksOffAt = 12;
    trainer::TrainingRunner runner(test::controlTasks(plan));
    auto wanted = request(20);
    wanted.recipe.checkpoint.every = saved ? 5 : 0;
    QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused || runner.finished(); }));
    heard.drain(runner);
    if (!saved) {
      QCOMPARE(runner.state(), State::Failed);
      QVERIFY(run_folder::CheckpointStore(wanted.folder / "checkpoints").list().empty());
      return;
    }
    QCOMPARE(runner.state(), State::Paused);
    QVERIFY(heard.all<messages::Trouble>().at(0).step <= 10);
    runner.send(messages::Resume{});
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    // The record of the step that it went back to stands there twice.
    QCOMPARE(heard.steps.size() + 1, run_folder::readMetricsRecords(wanted.folder / "metrics.bin").size());
    for (const auto& m : run_folder::readMetrics(wanted.folder / "metrics.bin")) QVERIFY(std::isfinite(m.loss));
  }
};

QTEST_APPLESS_MAIN(TestRunTrouble)
#include "tst_run_trouble.moc"
