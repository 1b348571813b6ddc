// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "fake_task.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_log.h"
#include "session/runs/run_watch.h"
#include "session/training/training_session.h"

using namespace dw;
using namespace dw::ui;
namespace fs = std::filesystem;

/// Checkpoints are listed with the news of them, not some looks later.
class TestRunWatch : public QObject {
  Q_OBJECT

  static constexpr int kLimit = 60'000;
  QTemporaryDir home_;

  fs::path folder(const char* name) const { return fs::path(home_.path().toStdString()) / name; }
  static void appendStep(const fs::path& run, std::int64_t step) {
    messages::StepMetrics metrics;
    metrics.step = step;
    metrics.loss = 1.0;
    run_folder::MetricsWriter(run / "metrics.bin").append(metrics);
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void theEndOfARunBringsItsLastCheckpoint() {
    test::FakePlan slow;
    slow.stepTime = std::chrono::milliseconds(1);
    TrainingSession session(test::fakeTasks(slow));
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = 1'000'000;
    recipe.checkpoint = {.everyMinutes = 0, .every = 0, .keep = 9};  // at the end alone
    QVERIFY(session.start(trainer::FreshRun{.recipe = recipe, .data = "demo", .folder = folder("ends")}));
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), messages::State::Running, kLimit);
    RunWatch watch(QString::fromStdString(folder("ends").string()));
    QTRY_VERIFY_WITH_TIMEOUT(watch.isRead(), kLimit);
    QVERIFY(watch.checkpoints().empty());
    session.stop();
    QTRY_COMPARE_WITH_TIMEOUT(watch.state(), run_folder::RunState::Stopped, kLimit);
    QCOMPARE(watch.checkpoints().size(), std::size_t{1});  // of the same look that saw the end
  }

  void aSavedCheckpointIsListedByTheLookThatReadsOfIt() {
    const auto run = folder("saved");
    fs::create_directories(run / "checkpoints");
    run_folder::EventLog log(run / "log.jsonl");
    appendStep(run, 1);
    RunWatch watch(QString::fromStdString(run.string()));
    QTRY_VERIFY_WITH_TIMEOUT(watch.isRead(), kLimit);
    QVERIFY(watch.checkpoints().empty());
    QSignalSpy grown(&watch, &RunWatch::grown);
    fs::create_directories(run / "checkpoints" / "step-0000002");  // a damaged one is listed too
    log.append(run_folder::toLogLine(
        messages::CheckpointSaved{.step = 2, .folder = run / "checkpoints" / "step-0000002", .seconds = 0.0}));
    appendStep(run, 2);
    QTRY_COMPARE_WITH_TIMEOUT(grown.count(), 1, kLimit);
    QCOMPARE(watch.checkpoints().size(), std::size_t{1});
  }
};

QTEST_GUILESS_MAIN(TestRunWatch)
#include "tst_run_watch.moc"
