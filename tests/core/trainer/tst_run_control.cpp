// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: training_runner, live_control, replay
#include <QTest>
#include <array>
#include <atomic>
#include <latch>
#include <random>

#include "base/atomic_file.h"
#include "base/file.h"
#include "config/live_fields.h"
#include "control_runs.h"
#include "fake_task.h"
#include "heard.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "trainer/replay.h"
#include "trainer/state_table.h"
#include "trainer/training_runner.h"

using namespace dw;
using namespace std::chrono_literals;
using config::LiveField;
using messages::State;
using test::hashOf;
using test::Heard;

/// Commands while a run goes on, troubles with their remedies, and replays, with a fake task. Runs under TSan.
class TestRunControl : public QObject, test::ControlRuns {
  Q_OBJECT

  /// A run with three rates, an undo, a re-shaped curve and a new total, each at a step boundary of its own.
  std::filesystem::path livelyRun() {
    trainer::TrainingRunner runner(test::controlTasks());
    const auto wanted = request(60);
    runner.start(wanted, trainer::OnTrouble::Pause);
    Heard heard;
    runner.send(messages::Pause{});
    heard.waitFor(runner, [&] { return runner.state() == State::Paused; });
    const std::vector<messages::Command> commands{messages::Change{LiveField::LearningRate, 1.0 / 30.0},
                                                  messages::Change{LiveField::LearningRate, 0.2},
                                                  messages::Change{LiveField::LearningRate, 0.07},
                                                  messages::Undo{},
                                                  messages::Reshape{0.1, {.kind = config::LrKind::Linear, .end = 1e-3}},
                                                  messages::Change{LiveField::TotalSteps, 45}};
    for (std::size_t i = 0; i < commands.size(); ++i) {
      for (int k = 0; k < 3; ++k) runner.send(messages::StepOnce{});
      runner.send(commands[i]);
    }
    runner.send(messages::Resume{});
    runner.waitFinished(kLimit);
    return wanted.folder;
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void singleStepsAreSingle() {
    trainer::TrainingRunner runner(test::controlTasks());
    QVERIFY(runner.start(request(1'000'000), trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > 3; }));
    runner.send(messages::StepOnce{});
    QVERIFY(heard.answered(runner, "step_once"));
    QCOMPARE(heard.all<messages::CommandRefused>().size(), std::size_t{1});  // it runs
    runner.send(messages::Pause{});
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused; }));
    heard.drain(runner);
    const auto standing = heard.steps.size();
    for (int i = 0; i < 3; ++i) runner.send(messages::StepOnce{});
    QVERIFY(heard.answered(runner, "step_once", 4));
    heard.drain(runner);
    QCOMPARE(heard.steps.size(), standing + 3);
    QCOMPARE(runner.state(), State::Paused);
    QCOMPARE(heard.all<messages::CommandApplied>().back().step, heard.steps.back().step - 1);
    runner.send(messages::Change{LiveField::TotalSteps, static_cast<double>(heard.steps.back().step)});
    runner.send(messages::StepOnce{});  // none is left
    QVERIFY(heard.answered(runner, "step_once", 5));
    QCOMPARE(heard.all<messages::CommandRefused>().size(), std::size_t{2});
    runner.send(messages::Resume{});
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QCOMPARE(heard.steps.size(), standing + 3);
  }

  void manyCommandsInOneStep() {
    trainer::TrainingRunner runner(test::controlTasks());
    QVERIFY(runner.start(request(1'000'000), trainer::OnTrouble::Pause));
    Heard heard;
    runner.send(messages::Pause{});
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused; }));
    for (int i = 1; i <= 10; ++i) runner.send(messages::Change{LiveField::ClipNorm, static_cast<double>(i)});
    QVERIFY(heard.answered(runner, "clip_norm", 10));
    std::int64_t number = 0;
    for (const auto& c : heard.all<messages::CommandApplied>()) {
      if (c.number == 0) continue;
      QCOMPARE(c.number, ++number);
      QCOMPARE(c.after.settings.clipNorm, static_cast<double>(number));
      QCOMPARE(c.before.clipNorm, static_cast<double>(number - 1));
      QCOMPARE(c.by, std::string("user"));
    }
    QCOMPARE(number, std::int64_t{10});
    QCOMPARE(heard.all<messages::CommandApplied>().back().after.undos, 10);
  }

  /// What follows a Pause in the queue is obeyed by the paused run, not refused by the one that is about to pause.
  void commandsRightAfterAPause() {
    trainer::TrainingRunner runner(test::controlTasks());
    QVERIFY(runner.start(request(1'000'000), trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return !heard.steps.empty(); }));
    for (std::size_t i = 1; i <= 30; ++i) {
      runner.send(messages::Pause{});
      runner.send(messages::StepOnce{});
      runner.send(messages::Resume{});
      QVERIFY(heard.answered(runner, "resume", i));
    }
    QVERIFY(heard.all<messages::CommandRefused>().empty());
  }

  /// Sent while the last checkpoint is being written, when nobody takes commands any more.
  void whatComesTooLateIsAnsweredToo() {
    std::latch written(1);
    test::FakePlan plan;
    plan.beforeSave = [&] { written.wait(); };
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    const auto wanted = request(1'000'000);
    QVERIFY(runner.start(wanted));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return !heard.steps.empty(); }));
    runner.send(messages::Stop{});
    const bool stopping = heard.waitFor(runner, [&] { return runner.state() == State::Stopping; });
    const std::vector<messages::Command> late{messages::Change{LiveField::ClipNorm, 1.0}, messages::Pause{},
                                              messages::Stop{}, messages::CopyWeights{}};
    for (const auto& command : late) runner.send(command, "late");
    written.count_down();
    QVERIFY(stopping && runner.waitFinished(kLimit));
    heard.drain(runner);
    std::vector<std::string> refused, applied;
    for (const auto& c : heard.all<messages::CommandRefused>()) refused.push_back(c.name);
    for (const auto& c : heard.all<messages::CommandApplied>()) applied.push_back(c.name + " of " + c.by);
    QCOMPARE(refused, (std::vector<std::string>{"clip_norm", "pause", "copy_weights"}));
    QCOMPARE(applied, (std::vector<std::string>{"stop of user", "stop of late"}));
    QVERIFY(readTextFile(wanted.folder / "log.jsonl").find("the run is over") != std::string::npos);
  }

  /// Of a run that fails: the save that was asked for never came.
  void aSaveThatNeverCameIsRefused() {
    test::FakePlan plan;
    plan.beforeSave = [] { throw Error(ErrorKind::DiskFull, "the disk is full", "free some space"); };
    plan.stepTime = 5ms;
    plan.notFiniteAt = 20;
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    QVERIFY(runner.start(request(1'000'000)));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return !heard.steps.empty(); }));
    runner.send(messages::SaveCheckpoint{});
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QCOMPARE(runner.state(), State::Failed);
    QCOMPARE(heard.all<messages::CommandRefused>().size(), std::size_t{1});
    QCOMPARE(heard.all<messages::CommandRefused>()[0].name, std::string("save"));
  }

  /// Commands that come faster than they are obeyed do not keep the run from training.
  void aFloodOfCommands() {
    trainer::TrainingRunner runner(test::controlTasks());
    QVERIFY(runner.start(request(1'000'000), trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return !heard.steps.empty(); }));
    std::atomic<std::int64_t> refused{0};
    const std::jthread flood([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) refused += runner.send(messages::Change{LiveField::ClipNorm, 1.0}) ? 0 : 1;
    });
    QVERIFY(heard.waitFor(runner, [&] { return refused > 100; }));  // the queue is full, and stays so
    const auto standing = heard.steps.size();
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() >= standing + 20; }));
  }

  void replayIsTheSameAndADroppedCommandShows() {
    const auto original = livelyRun();
    const auto metrics = run_folder::readMetrics(original / "metrics.bin");
    QCOMPARE(metrics.size(), std::size_t{45});
    QCOMPARE(hashOf(replayed(original)), hashOf(original));
    const auto log = readTextFile(original / "log.jsonl");
    for (const char* dropped : {"\"number\":1,", "\"number\":2,", "\"number\":4,", "\"number\":5,"}) {
      const auto at = log.find(dropped);
      QVERIFY(at != std::string::npos);
      const auto begin = log.rfind('\n', at) + 1;
      writeFileAtomically(original / "log.jsonl", log.substr(0, begin) + log.substr(log.find('\n', at) + 1));
      QVERIFY2(hashOf(replayed(original)) != hashOf(original), dropped);
    }
  }

  /// Stopped and resumed twice, with another total and changes in between: the replay knows all of it.
  void resumedRunIsReplayed() {
    const auto original = livelyRun();
    trainer::TrainingRunner runner(test::controlTasks());
    trainer::ResumeRun further{.run = original, .totalSteps = 70};
    QVERIFY(runner.start(further));
    runner.send(messages::Change{LiveField::WeightDecay, 0.01});
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QVERIFY(heard.all<messages::Failed>().empty());
    QCOMPARE(run_folder::readMetrics(original / "metrics.bin").size(), std::size_t{70});
    QVERIFY(heard.all<messages::RunOpened>().at(0).live.undos > 0);  // its history came along
    QCOMPARE(hashOf(replayed(original)), hashOf(original));
  }

  /// Its recipe says 60 all along, but 45 was set by hand: who asks for 60 gets 60.
  void resumedWithTheTotalOfItsRecipe() {
    const auto original = livelyRun();
    QCOMPARE(run_folder::readMetrics(original / "metrics.bin").back().step, std::int64_t{45});
    trainer::ResumeRun further{.run = original, .totalSteps = 60};
    trainer::TrainingRunner runner(test::controlTasks());
    QVERIFY(runner.start(further));
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(run_folder::readMetrics(original / "metrics.bin").back().step, std::int64_t{60});
    QCOMPARE(hashOf(replayed(original)), hashOf(original));
    further.totalSteps = 50;  // fewer than are done
    QVERIFY(runner.start(further));
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(runner.state(), State::Failed);
    QCOMPARE(run_folder::readDescription(original).recipe.train.steps, std::int64_t{60});
  }

  /// A run of a GPU goes on on the processor, and the folder says so.
  void resumedOnAnotherDevice() {
    const auto original = livelyRun();
    const auto before = run_folder::readDescription(original).recipe.train;
    QCOMPARE(before.device, config::Device::Cpu);
    trainer::TrainingRunner runner(test::controlTasks());
    trainer::ResumeRun further{.run = original, .totalSteps = 70};
    further.device = config::Device::Cuda;
    QVERIFY(runner.start(further));
    QVERIFY(runner.waitFinished(kLimit));
    const auto after = run_folder::readDescription(original).recipe.train;
    QCOMPARE(after.device, config::Device::Cuda);
    QCOMPARE(after.seed, before.seed);
  }

  /// A change while paused after the last save is saved too.
  void changeAfterTheSaveIsNotLost() {
    trainer::TrainingRunner runner(test::controlTasks());
    const auto wanted = request(1'000'000);
    QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return !heard.steps.empty(); }));
    runner.send(messages::Pause{});
    runner.send(messages::SaveCheckpoint{});
    QVERIFY(heard.waitFor(runner, [&] { return heard.all<messages::CheckpointSaved>().size() == 1; }));
    runner.send(messages::Change{LiveField::LearningRate, 0.125});
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    trainer::ResumeRun again{.run = wanted.folder};
    QVERIFY(runner.start(again));
    Heard later;
    QVERIFY(later.waitFor(runner, [&] { return !later.all<messages::RunOpened>().empty(); }));
    QCOMPARE(later.all<messages::RunOpened>()[0].live.settings.lr, 0.125);
  }

  /// 1,000 random commands, legal and not, at every state.
  void randomCommandsLeaveAConsistentState() {
    std::mt19937 random(11);
    test::ControlPlan plan;
    plan.stepTime = 20us;
    plan.badBatch = 25;
    trainer::TrainingRunner runner(test::controlTasks(plan));
    Heard heard;
    const auto value = [&] {
      constexpr std::array kValues{0.0, -1.0, 1e9, 1e-4, 0.01, 30.0, 60.0, 0.5};
      return random() % 9 == 0 ? std::nan("") : kValues[random() % kValues.size()];
    };
    int sent = 0;
    for (int i = 0; i < 1000; ++i) {
      // Commands come faster than steps, above all under a sanitizer: now and then the run is given the time for one.
      const auto steps = heard.steps.size(), troubles = heard.all<messages::Trouble>().size();
      if (i % 10 == 0 && runner.send(messages::Resume{})) {
        QVERIFY(heard.waitFor(runner, [&] {
          return heard.steps.size() > steps || heard.all<messages::Trouble>().size() > troubles || runner.finished();
        }));
      }
      std::optional<messages::Command> command;
      switch (random() % 13) {
        case 0: command = messages::Pause{}; break;
        case 1: command = messages::Resume{}; break;
        case 2: command = messages::SaveCheckpoint{}; break;
        case 3:
        case 4:
          command = messages::Change{config::liveFields()[random() % config::liveFields().size()].field, value()};
          break;
        case 5: command = messages::Undo{}; break;
        case 6: command = messages::Redo{}; break;
        case 7: command = messages::StepOnce{}; break;
        case 8:
          command = messages::Reshape{value(),
                                      {.kind = random() % 3 == 0 ? config::LrKind::Polynomial : config::LrKind::Cosine,
                                       .warmup = static_cast<std::int64_t>(random() % 5) - 1,
                                       .end = value()}};
          break;
        case 9: command = messages::HalveRate{}; break;
        case 10: command = messages::SkipBatch{}; break;
        case 11: command = messages::GoBack{random() % 2 == 0 ? -1 : static_cast<std::int64_t>(random() % 40)}; break;
        default:
          if (random() % 30 == 0) command = messages::Stop{};
          break;
      }
      if (runner.finished()) {
        runner.start(request(50), trainer::OnTrouble::Pause);
        if (random() % 4 != 0) QVERIFY(heard.waitFor(runner, [&] { return runner.state() != State::Preparing; }));
      }
      std::this_thread::sleep_for(100us);
      if (command) sent += runner.send(*command) ? 1 : 0;
      heard.drain(runner);
    }
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QVERIFY(sent > 500);
    QVERIFY2(heard.all<messages::Failed>().empty(),
             heard.all<messages::Failed>().empty() ? "" : heard.all<messages::Failed>()[0].sentence.c_str());
    const auto states = heard.all<messages::StateChanged>();
    for (const auto& change : states) QVERIFY(trainer::mayFollow(change.from, change.to));
    for (std::size_t i = 1; i < states.size(); ++i) QCOMPARE(int(states[i].from), int(states[i - 1].to));
    for (const auto& c : heard.all<messages::CommandApplied>()) {
      if (c.number == 0) continue;
      QVERIFY(c.after.settings.lr > 0.0 && c.after.settings.lr <= 10.0);
      QVERIFY(c.after.settings.totalSteps >= c.step);
    }
    QVERIFY(heard.steps.size() > 30);
    const auto opened = heard.all<messages::RunOpened>();
    QVERIFY(!opened.empty());
    QCOMPARE(hashOf(replayed(opened.back().folder)), hashOf(opened.back().folder));
  }
};

QTEST_APPLESS_MAIN(TestRunControl)
#include "tst_run_control.moc"
