// SPDX-License-Identifier: GPL-3.0-or-later
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <atomic>
#include <random>

#include "../../support/file_size_limit.h"
#include "../../support/small_data.h"
#include "base/file.h"
#include "config/recipe_fields.h"
#include "fake_task.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "trainer/state_table.h"
#include "trainer/training_runner.h"

using namespace dw;
using namespace std::chrono_literals;
using messages::State;
using test::FileSizeLimit;

/// The runner with a fake task: every transition, the channels, what is on disk afterwards. Runs under TSan.
class TestTrainingRunner : public QObject {
  Q_OBJECT

  static constexpr auto kLimit = 60s;

  /// Everything a runner said, drained as the display would.
  struct Heard {
    std::vector<State> states;
    std::vector<messages::StepMetrics> steps;
    std::vector<messages::CommandApplied> commands;
    std::vector<std::int64_t> saved;
    std::vector<messages::Warning> warnings;
    std::vector<messages::Failed> failures;
    std::filesystem::path folder;

    void drain(trainer::TrainingRunner& runner) {
      for (const auto& event : runner.drainEvents()) {
        if (const auto* s = std::get_if<messages::StateChanged>(&event)) states.push_back(s->to);
        if (const auto* c = std::get_if<messages::CommandApplied>(&event)) commands.push_back(*c);
        if (const auto* c = std::get_if<messages::CheckpointSaved>(&event)) saved.push_back(c->step);
        if (const auto* w = std::get_if<messages::Warning>(&event)) warnings.push_back(*w);
        if (const auto* f = std::get_if<messages::Failed>(&event)) failures.push_back(*f);
        if (const auto* o = std::get_if<messages::RunOpened>(&event)) folder = o->folder;
      }
      std::array<messages::StepMetrics, 256> buffer;
      while (const auto count = runner.drainMetrics(buffer))
        steps.insert(steps.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
    }

    bool waitFor(trainer::TrainingRunner& runner, const std::function<bool()>& done) {
      const auto end = std::chrono::steady_clock::now() + kLimit;
      while (std::chrono::steady_clock::now() < end) {
        drain(runner);
        if (done()) return true;
        std::this_thread::sleep_for(1ms);
      }
      return false;
    }
  };

  QTemporaryDir home_;
  int count_ = 0;

  std::filesystem::path freshFolder() {
    return std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
  }

  trainer::FreshRun request(std::int64_t steps) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = steps;
    return {.recipe = recipe, .data = test::smallData(home_.path().toStdString()), .folder = freshFolder()};
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void runsToItsEnd() {
    trainer::TrainingRunner runner(test::fakeTasks());
    const auto wanted = request(300);
    QVERIFY(runner.start(wanted));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return runner.finished(); }));
    heard.drain(runner);
    QCOMPARE(heard.states, (std::vector{State::Preparing, State::Running, State::Stopping, State::Finished}));
    QCOMPARE(heard.steps.size(), std::size_t{300});
    for (std::size_t i = 0; i < heard.steps.size(); ++i)
      QCOMPARE(heard.steps[i].step, static_cast<std::int64_t>(i) + 1);
    const auto onDisk = run_folder::readMetrics(wanted.folder / "metrics.bin");
    QCOMPARE(onDisk.size(), heard.steps.size());
    QCOMPARE(onDisk.back().loss, heard.steps.back().loss);
    QVERIFY(std::filesystem::exists(wanted.folder / "metrics.h5"));
    QCOMPARE(run_folder::CheckpointStore(wanted.folder / "checkpoints").newestGood()->step, std::int64_t{300});
    const auto& last = heard.steps.back();
    const float phases = last.dataMs + last.forwardMs + last.backwardMs + last.optimizerMs + last.restMs;
    QVERIFY(std::abs(phases - last.stepMs) <= 0.05F * last.stepMs);
  }

  void smallDataIsReadIntoMemory_data() {
    QTest::addColumn<bool>("preload");
    QTest::newRow("as recipes have it") << true;
    QTest::newRow("switched off") << false;
  }

  void smallDataIsReadIntoMemory() {
    QFETCH(bool, preload);
    auto asked = request(3);
    QVERIFY(asked.recipe.data.preload);
    asked.recipe.data.preload = preload;
    trainer::TrainingRunner runner(test::fakeTasks());
    runner.start(asked);
    bool told = false;
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (runner.state() != State::Finished && runner.state() != State::Failed &&
           std::chrono::steady_clock::now() < end) {
      for (const auto& event : runner.drainEvents()) {
        if (const auto* p = std::get_if<messages::Progress>(&event))
          told |= p->activity == "reading the dataset into memory";
      }
      std::this_thread::sleep_for(1ms);
    }
    QCOMPARE(int(runner.state()), int(State::Finished));
    QCOMPARE(told, preload);
  }

  void pausesResumesAndStops() {
    trainer::TrainingRunner runner(test::fakeTasks());
    const auto wanted = request(1'000'000);
    QVERIFY(runner.start(wanted));
    QVERIFY(!runner.start(wanted));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > 5; }));
    QVERIFY(runner.send(messages::Pause{}));
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused; }));
    heard.drain(runner);
    const auto standing = heard.steps.size();
    std::this_thread::sleep_for(30ms);
    heard.drain(runner);
    QCOMPARE(heard.steps.size(), standing);
    QVERIFY(runner.send(messages::SaveCheckpoint{}));
    QVERIFY(heard.waitFor(runner, [&] { return heard.saved.size() == 1; }));
    QCOMPARE(heard.saved[0], heard.steps.back().step);
    QVERIFY(runner.send(messages::Resume{}));
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > standing + 5; }));
    QVERIFY(runner.send(messages::Stop{}));
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QCOMPARE(heard.states, (std::vector{State::Preparing, State::Running, State::Paused, State::Running,
                                        State::Stopping, State::Finished}));
    QCOMPARE(heard.saved.back(), heard.steps.back().step);
    QVERIFY(!runner.send(messages::Pause{}));
  }

  void rateChangesAtTheNextStep() {
    trainer::TrainingRunner runner(test::fakeTasks());
    QVERIFY(runner.start(request(1'000'000)));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > 3; }));
    runner.send(messages::Change{config::LiveField::LearningRate, 0.25});
    runner.send(messages::Change{config::LiveField::LearningRate, -1.0});
    QVERIFY(heard.waitFor(runner, [&] { return !heard.commands.empty() && heard.steps.back().lr == 0.25; }));
    QCOMPARE(heard.commands.size(), std::size_t{1});  // the negative rate was refused
    const auto applied = heard.commands[0].step;
    for (const auto& step : heard.steps) QCOMPARE(step.lr, step.step > applied ? 0.25 : 1e-4);
  }

  /// A rate given before the first step, and one that stood when the run was stopped, both hold.
  void rateOutlivesPreparingAndResuming() {
    const auto first = request(30);
    {
      trainer::TrainingRunner runner(test::fakeTasks());
      QVERIFY(runner.start(first));
      QVERIFY(runner.send(messages::Change{config::LiveField::LearningRate, 0.125}));
      Heard heard;
      QVERIFY(heard.waitFor(runner, [&] { return runner.finished(); }));
      heard.drain(runner);
      const auto applied = heard.commands.at(0).step;
      for (const auto& step : heard.steps) QCOMPARE(step.lr, step.step > applied ? 0.125 : 1e-4);
      QVERIFY(readTextFile(first.folder / "log.jsonl").find("learning_rate") != std::string::npos);
    }
    trainer::TrainingRunner runner(test::fakeTasks());
    QVERIFY(runner.start(trainer::ResumeRun{.run = first.folder, .totalSteps = 40}));
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QCOMPARE(heard.steps.size(), std::size_t{10});
    QCOMPARE(heard.steps.front().lr, 0.125);
  }

  void finishedRunSaysThatThereIsNothingLeft() {
    const auto first = request(10);
    trainer::TrainingRunner runner(test::fakeTasks());
    QVERIFY(runner.start(first));
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QVERIFY(heard.warnings.empty());
    QVERIFY(runner.start(trainer::ResumeRun{.run = first.folder, .totalSteps = 0}));
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QCOMPARE(runner.state(), State::Finished);
    QVERIFY(heard.warnings.at(0).sentence.find("all of its 10 steps") != std::string::npos);
    QCOMPARE(run_folder::readMetrics(first.folder / "metrics.bin").size(), std::size_t{10});
  }

  void datasetIsFoundFromAnyFolder() {
    auto wanted = request(10);
    wanted.data = "not/here.npy";
    trainer::TrainingRunner runner(test::fakeTasks());
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QVERIFY(heard.failures.at(0).sentence.find((std::filesystem::current_path() / "not/here.npy").string()) !=
            std::string::npos);
  }

  void resumesWhereItStopped() {
    const auto first = request(40);
    {
      trainer::TrainingRunner runner(test::fakeTasks());
      QVERIFY(runner.start(first));
      QVERIFY(runner.waitFinished(kLimit));
    }
    trainer::TrainingRunner runner(test::fakeTasks());
    QVERIFY(runner.start(trainer::ResumeRun{.run = first.folder, .totalSteps = 60}));
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QVERIFY2(heard.failures.empty(), heard.failures.empty() ? "" : heard.failures[0].sentence.c_str());
    QCOMPARE(heard.steps.front().step, std::int64_t{41});
    const auto all = run_folder::readMetrics(first.folder / "metrics.bin");
    QCOMPARE(all.size(), std::size_t{60});
    QVERIFY(all[40].activeS > all[39].activeS);
  }

  void secondRunInTheSameFolderIsRefused() {
    trainer::TrainingRunner one(test::fakeTasks());
    const auto wanted = request(1'000'000);
    QVERIFY(one.start(wanted));
    Heard heard;
    QVERIFY(heard.waitFor(one, [&] { return !heard.steps.empty(); }));
    trainer::TrainingRunner two(test::fakeTasks());
    QVERIFY(two.start(wanted));
    QVERIFY(two.waitFinished(kLimit));
    Heard other;
    other.drain(two);
    QCOMPARE(two.state(), State::Failed);
    QCOMPARE(other.failures.at(0).kind, ErrorKind::Busy);
    QCOMPARE(one.state(), State::Running);
  }

  void failuresSaveWhatIsGood_data() {
    QTest::addColumn<bool>("memory");
    QTest::newRow("not finite") << false;
    QTest::newRow("out of memory") << true;
  }
  void failuresSaveWhatIsGood() {
    QFETCH(bool, memory);
    test::FakePlan plan;
    (memory ? plan.outOfMemoryAt : plan.notFiniteAt) = 8;
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    const auto wanted = request(100);
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QCOMPARE(runner.state(), State::Failed);
    QCOMPARE(heard.failures.at(0).kind, memory ? ErrorKind::OutOfMemory : ErrorKind::NotFinite);
    QVERIFY(!heard.failures[0].remedy.empty());
    QCOMPARE(run_folder::CheckpointStore(wanted.folder / "checkpoints").newestGood()->step, std::int64_t{7});
    QVERIFY(runner.start(request(5)));  // a failed runner starts again
    QVERIFY(runner.waitFinished(kLimit));
  }

  void fullDiskIsASentence() {
    test::FakePlan plan;
    plan.beforeSave = [] { throw Error(ErrorKind::DiskFull, "could not write: the disk is full", "free some space"); };
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    const auto wanted = request(5);
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QCOMPARE(heard.failures.at(0).kind, ErrorKind::DiskFull);
    QVERIFY(run_folder::CheckpointStore(wanted.folder / "checkpoints").list().empty());
    QCOMPARE(run_folder::readMetrics(wanted.folder / "metrics.bin").size(), std::size_t{5});
  }

  /// While a slow save is under way, training goes on, saves that fall due wait, and one that the user asks for follows it.
  void trainsOnWhileItSaves() {
    std::atomic<bool> let{false};
    std::atomic<int> atOnce{0}, most{0}, begun{0};
    test::FakePlan plan;
    plan.beforeSave = [&] {
      ++begun;
      most = std::max(most.load(), ++atOnce);
      while (!let) std::this_thread::sleep_for(1ms);
      --atOnce;
    };
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    auto wanted = request(1'000'000);
    wanted.recipe.checkpoint.every = 10;
    wanted.recipe.checkpoint.keep = 1000;
    QVERIFY(runner.start(wanted));
    Heard heard;
    const auto letGo = qScopeGuard([&] { let = true; });
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > 100 && begun == 1; }));
    QVERIFY(runner.send(messages::SaveCheckpoint{}));
    const auto asked = heard.steps.size();
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > asked + 20; }));
    QVERIFY(heard.saved.empty());
    QVERIFY(heard.commands.empty());
    QCOMPARE(begun.load(), 1);
    let = true;
    QVERIFY(heard.waitFor(runner, [&] { return heard.saved.size() >= 2 && !heard.commands.empty(); }));
    QVERIFY(runner.send(messages::Stop{}));
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QCOMPARE(most.load(), 1);
    QCOMPARE(heard.saved[0], std::int64_t{10});
    QCOMPARE(heard.commands[0].name, std::string("save"));
    QCOMPARE(heard.saved[1], heard.commands[0].step);  // at the next boundary after the first was done
    QVERIFY(heard.saved[1] > static_cast<std::int64_t>(asked));
    QCOMPARE(heard.saved.back(), heard.steps.back().step);
    for (const auto& info : run_folder::CheckpointStore(wanted.folder / "checkpoints").list()) {
      // of the snapshot, not of a later step
      QCOMPARE(readTextFile(info.folder / "model.txt"), std::to_string(info.step));
      QVERIFY(info.loss.value() > 0.0 && info.loss.value() <= 1.0);
    }
  }

  /// A save that fails is a warning; training goes on, and a later save holds.
  void failedSaveIsToldOnceAndTriedAgain() {
    std::atomic<int> left{3};
    test::FakePlan plan;
    plan.beforeSave = [&] {
      if (left-- > 0) throw Error(ErrorKind::DiskFull, "could not write: the disk is full", "free some space");
    };
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    auto wanted = request(1'000'000);
    wanted.recipe.checkpoint.every = 5;
    QVERIFY(runner.start(wanted));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return !heard.saved.empty(); }));
    QVERIFY(runner.send(messages::Stop{}));
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QCOMPARE(runner.state(), State::Finished);
    QCOMPARE(heard.warnings.size(), std::size_t{1});
    QVERIFY(heard.warnings[0].sentence.find("step 5 could not be saved") != std::string::npos);
    QVERIFY(heard.warnings[0].remedy.find("training goes on") != std::string::npos);
    QVERIFY(heard.saved[0] >= 20);
  }

  void pausedSaveIsHeardOf() {
    test::FakePlan plan;
    plan.beforeSave = [] { std::this_thread::sleep_for(50ms); };
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    QVERIFY(runner.start(request(1'000'000)));
    Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > 5; }));
    runner.send(messages::Pause{});
    runner.send(messages::SaveCheckpoint{});
    runner.send(messages::SaveCheckpoint{});
    QVERIFY(heard.waitFor(runner, [&] { return heard.saved.size() == 1 && heard.commands.size() == 3; }));
    QCOMPARE(runner.state(), State::Paused);
    std::this_thread::sleep_for(100ms);
    heard.drain(runner);
    QCOMPARE(heard.saved.size(), std::size_t{1});
  }

  /// The average that finds the best checkpoint goes on where the checkpoint left it.
  void smoothedLossIsResumed() {
    const auto lossAt = [&](const std::filesystem::path& folder) {
      return run_folder::CheckpointStore(folder / "checkpoints").list().back().loss.value();
    };
    trainer::TrainingRunner runner(test::fakeTasks());
    const auto straight = request(60);
    QVERIFY(runner.start(straight));
    QVERIFY(runner.waitFinished(kLimit));
    const auto halves = request(30);
    QVERIFY(runner.start(halves));
    QVERIFY(runner.waitFinished(kLimit));
    QVERIFY(lossAt(halves.folder) > lossAt(straight.folder));
    QVERIFY(runner.start(trainer::ResumeRun{.run = halves.folder, .totalSteps = 60}));
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(lossAt(halves.folder), lossAt(straight.folder));
  }

  /// Nothing can be written any more, not even the log: the user hears of the failure and of the lost weights all the same.
  void deadDiskIsHeardOf() {
    const FileSizeLimit limit;
    test::FakePlan plan;
    plan.beforeSave = [] { FileSizeLimit::set(0); };
    trainer::TrainingRunner runner(test::fakeTasks(plan));
    QVERIFY(runner.start(request(5)));
    const bool ended = runner.waitFinished(kLimit);
    FileSizeLimit::set(RLIM_INFINITY);
    QVERIFY(ended);
    Heard heard;
    heard.drain(runner);
    QCOMPARE(heard.failures.size(), std::size_t{1});
    const auto lost = [](const messages::Warning& w) {
      return w.sentence.find("could not be saved") != std::string::npos;
    };
    QVERIFY(std::any_of(heard.warnings.begin(), heard.warnings.end(), lost));
  }

  void impossibleRequestsLeaveNothing_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::newRow("batch above the dataset") << QStringLiteral("train.batch") << QStringLiteral("100000");
    QTest::newRow("steps 0") << QStringLiteral("train.steps") << QStringLiteral("0");
    QTest::newRow("heads") << QStringLiteral("model.dim_head") << QStringLiteral("5");
    QTest::newRow("patch") << QStringLiteral("model.patch_size") << QStringLiteral("5");
  }
  void impossibleRequestsLeaveNothing() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    auto wanted = request(10);
    config::findField(key.toStdString())->set(wanted.recipe, value.toStdString());
    trainer::TrainingRunner runner(test::fakeTasks());
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    Heard heard;
    heard.drain(runner);
    QCOMPARE(heard.failures.at(0).kind, ErrorKind::Usage);
    QVERIFY(QString::fromStdString(heard.failures[0].sentence).contains(key));
    QVERIFY(!std::filesystem::exists(wanted.folder));
  }

  void randomCommandsLeaveAConsistentState() {
    std::mt19937 random(7);
    test::FakePlan quick;
    quick.stepTime = 20us;
    trainer::TrainingRunner runner(test::fakeTasks(quick));
    Heard heard;
    for (int i = 0; i < 1000; ++i) {
      switch (random() % 6) {
        case 0: runner.send(messages::Pause{}); break;
        case 1: runner.send(messages::Resume{}); break;
        case 2: runner.send(messages::SaveCheckpoint{}); break;
        case 3:
          runner.send(messages::Change{config::LiveField::LearningRate, static_cast<double>(random() % 100) - 10.0});
          break;
        case 4:
          if (random() % 8 == 0) runner.send(messages::Stop{});
          break;
        default:
          if (runner.finished()) runner.start(request(50));
          break;
      }
      heard.drain(runner);
    }
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    heard.drain(runner);
    QVERIFY(heard.failures.empty());
    for (std::size_t i = 1; i < heard.states.size(); ++i)
      QVERIFY(trainer::mayFollow(heard.states[i - 1], heard.states[i]));
  }

  void everyOtherTransitionIsForbidden() {
    int allowed = 0;
    for (int from = 0; from <= static_cast<int>(State::Failed); ++from) {
      for (int to = 0; to <= static_cast<int>(State::Failed); ++to) {
        allowed += trainer::mayFollow(static_cast<State>(from), static_cast<State>(to)) ? 1 : 0;
      }
      QVERIFY(!trainer::mayFollow(static_cast<State>(from), static_cast<State>(from)));
    }
    QCOMPARE(allowed, static_cast<int>(trainer::kTransitions.size()));
  }
};

QTEST_APPLESS_MAIN(TestTrainingRunner)
#include "tst_training_runner.moc"
