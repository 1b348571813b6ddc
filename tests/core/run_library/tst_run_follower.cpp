// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/wait.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <thread>

#include "../../support/small_data.h"
#include "../trainer/fake_task.h"
#include "run_builder.h"
#include "run_library/run_follower.h"
#include "trainer/training_runner.h"

using namespace dw;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// What a plot would hold after applying the updates.
struct Curve {
  std::vector<messages::StepMetrics> steps;
  std::vector<std::int64_t> rewinds;

  void take(run_library::RunFollower& run, std::size_t most = 8192) {
    run_library::FollowerUpdate update;
    do {
      update = run.poll(most);
      if (update.rewindTo) {
        rewinds.push_back(*update.rewindTo);
        while (!steps.empty() && steps.back().step >= *update.rewindTo) steps.pop_back();
      }
      steps.insert(steps.end(), update.steps.begin(), update.steps.end());
    } while (update.more);
  }
  bool isWhole(std::int64_t last) const {
    if (static_cast<std::int64_t>(steps.size()) != last) return false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].step != static_cast<std::int64_t>(i) + 1) return false;
    }
    return true;
  }
};

class TestRunFollower : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path fresh() { return fs::path(home_.path().toStdString()) / ("run" + std::to_string(++count_)); }
  static trainer::FreshRun request(const fs::path& folder, std::int64_t steps) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = steps;
    recipe.checkpoint.every = 50;
    return {.recipe = recipe, .data = test::smallData(folder.parent_path()), .folder = folder};
  }

 private Q_SLOTS:
  void readsThenFollows() {
    const auto folder = test::makeRun(fresh(), {.steps = 100, .planned = 200, .end = "none"});
    run_library::RunFollower run(folder);
    Curve curve;
    curve.take(run, 7);
    QVERIFY(curve.isWhole(100));
    QCOMPARE(nameOf(run.state()), "interrupted");
    run_folder::MetricsWriter writer(folder / "metrics.bin");
    test::appendSteps(writer, 101, 130);
    curve.take(run);
    QVERIFY(curve.isWhole(130));
    QVERIFY(curve.rewinds.empty());
    QVERIFY(run.poll().steps.empty());
    QVERIFY(!run.poll().stateChanged);
  }

  void resumedRunGoesBack() {
    for (const std::size_t most : {1, 3, 1000}) {
      const auto folder = test::makeRun(fresh(), {.steps = 100});
      run_library::RunFollower live(folder);
      Curve curve;
      curve.take(live, most);
      test::appendSteps(*std::make_unique<run_folder::MetricsWriter>(folder / "metrics.bin"), 61, 80);
      test::appendSteps(*std::make_unique<run_folder::MetricsWriter>(folder / "metrics.bin"), 51, 120);
      curve.take(live, most);
      QVERIFY(curve.isWhole(120));
      QCOMPARE(curve.rewinds, (std::vector<std::int64_t>{61, 51}));
      Curve late;  // who comes later sees the same
      run_library::RunFollower second(folder);
      late.take(second, most);
      QVERIFY(late.isWhole(120));
    }
  }

  void tornEndWaitsForItsRest() {
    const auto folder = test::makeRun(fresh(), {.steps = 10});
    const auto file = folder / "metrics.bin";
    const auto whole = fs::file_size(file);
    std::string bytes(whole, '\0');
    std::ifstream(file, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(whole));
    fs::resize_file(file, whole - 100);
    run_library::RunFollower run(folder);
    Curve curve;
    curve.take(run);
    QVERIFY(curve.isWhole(9));
    QVERIFY(run.trouble().empty());
    std::ofstream(file, std::ios::binary | std::ios::app).write(bytes.data() + whole - 100, 100);
    curve.take(run);
    QVERIFY(curve.isWhole(10));
  }

  void damageInTheMiddleIsSaid() {
    const auto folder = test::makeRun(fresh(), {.steps = 10});
    std::fstream edit(folder / "metrics.bin", std::ios::in | std::ios::out | std::ios::binary);
    edit.seekp(16 + 240 * 6 + 50);
    edit.put('\x7f');
    edit.close();
    run_library::RunFollower run(folder);
    Curve curve;
    curve.take(run);
    QVERIFY(curve.isWhole(6));
    QVERIFY2(run.trouble().find("after step 6") != std::string::npos, run.trouble().c_str());
  }

  void anotherFileUnderItsNameIsReadAnew() {
    const auto folder = test::makeRun(fresh(), {.steps = 50});
    const auto other = test::makeRun(fresh(), {.steps = 80});
    {
      run_folder::MetricsWriter writer(other / "metrics.bin");
      auto different = test::stepNumber(81);
      different.loss = 77.0;
      writer.append(different);
    }
    run_library::RunFollower run(folder);
    Curve curve;
    curve.take(run);
    fs::remove(folder / "metrics.bin");
    QVERIFY(run.poll().steps.empty());
    fs::copy_file(other / "metrics.bin", folder / "metrics.bin");
    {  // the record at our place is a different one
      std::ofstream(folder / "metrics.bin", std::ios::trunc);
      run_folder::MetricsWriter writer(folder / "metrics.bin");
      for (int s = 1; s <= 60; ++s) {
        auto m = test::stepNumber(s);
        m.loss = 5.0;
        writer.append(m);
      }
    }
    curve.take(run);
    QVERIFY(curve.isWhole(60));
    QCOMPARE(curve.steps[10].loss, 5.0);
  }

  void folderThatGoesIsSaid() {
    const auto folder = test::makeRun(fresh());
    run_library::RunFollower run(folder);
    run.poll();
    fs::rename(folder, folder.string() + "-renamed");
    run.poll();
    QVERIFY(run.trouble().find("gone") != std::string::npos);
    run_library::RunFollower absent("/nowhere/at/all");
    QVERIFY(absent.poll().steps.empty());
    QCOMPARE(nameOf(absent.state()), "incomplete");
  }

  /// A run trained in this process, with two readers on it that poll all the time.
  void followsALiveRunToItsEnd() {
    const auto folder = fresh();
    trainer::TrainingRunner runner(test::fakeTasks());
    QVERIFY(runner.start(request(folder, 400)));
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(folder / "recipe.json"), 60'000);
    const auto follow = [&folder](Curve& curve, std::vector<std::string>& states) {
      run_library::RunFollower run(folder);
      const auto end = std::chrono::steady_clock::now() + 60s;
      while (std::chrono::steady_clock::now() < end) {
        curve.take(run);
        if (states.empty() || states.back() != nameOf(run.state())) states.emplace_back(nameOf(run.state()));
        if (!run_folder::isLive(run.state())) return;
        std::this_thread::sleep_for(1ms);
      }
    };
    Curve first, second;
    std::vector<std::string> firstStates, secondStates;
    {
      const std::jthread a([&] { follow(first, firstStates); });
      const std::jthread b([&] { follow(second, secondStates); });
    }
    QVERIFY(first.isWhole(400));
    QVERIFY(second.isWhole(400));
    QCOMPARE(firstStates, (std::vector<std::string>{"training", "finished"}));
    QCOMPARE(secondStates, firstStates);
    QVERIFY(runner.waitFinished(60s));
  }

  void noticesThatTheTrainerWasKilled() {
#if defined(__SANITIZE_THREAD__)
    QSKIP("ThreadSanitizer does not follow threads that begin after a fork; tst_kill starts its child as a program");
#endif
    const auto folder = fresh();
    const auto child = ::fork();
    if (child == 0) {
      trainer::TrainingRunner runner(test::fakeTasks());
      runner.start(request(folder, 1'000'000));
      runner.waitFinished(std::chrono::milliseconds(120'000));
      ::_exit(1);
    }
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(folder / "recipe.json"), 30'000);
    run_library::RunFollower run(folder);
    Curve curve;
    QTRY_VERIFY_WITH_TIMEOUT((curve.take(run), curve.steps.size() > 60), 30'000);
    QCOMPARE(nameOf(run.state()), "training");
    QVERIFY(!run.trainer().ofThisProcess);
    QCOMPARE(run.trainer().process, static_cast<int>(child));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    curve.take(run);
    QCOMPARE(nameOf(run.state()), "interrupted");
    QVERIFY(curve.isWhole(static_cast<std::int64_t>(curve.steps.size())));
  }

  /// Readers who look all the time never keep a trainer from starting.
  void lookingNeverKeepsATrainerOut() {
    const auto folder = test::makeRun(fresh());
    std::atomic<bool> done{false};
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        while (!done) lookAtLock(folder / run_folder::kLockFile);
      });
    }
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
      try {
        const FileLock lock(folder / run_folder::kLockFile);
      } catch (const Error&) {
        ++refused;
      }
    }
    done = true;
    QCOMPARE(refused, 0);
  }

  void aMillionSteps() {
    const auto folder = test::makeRun(fresh(), {.steps = 1'000'000, .planned = 1'000'000, .summary = false});
    QElapsedTimer timer;
    timer.start();
    run_library::RunFollower run(folder);
    std::int64_t count = 0;
    for (bool more = true; more;) {
      const auto update = run.poll();
      count += static_cast<std::int64_t>(update.steps.size());
      more = update.more;
    }
    const auto ms = timer.elapsed();
    QCOMPARE(count, std::int64_t{1'000'000});
    timer.start();
    for (int i = 0; i < 1000; ++i) run.poll();
    qInfo("opened 1,000,000 steps in %lld ms; a poll that finds nothing takes %lld us", static_cast<long long>(ms),
          static_cast<long long>(timer.nsecsElapsed() / 1'000'000));
    fs::remove_all(folder);
  }
};

QTEST_APPLESS_MAIN(TestRunFollower)
#include "tst_run_follower.moc"
