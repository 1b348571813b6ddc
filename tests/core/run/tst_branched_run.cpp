// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "../../support/small_data.h"
#include "checkpoint/checkpoint_store.h"
#include "control_task.h"
#include "heard.h"
#include "replays.h"
#include "run/metrics_file.h"
#include "run/run_folder.h"
#include "run/training_runner.h"

using namespace dw;
using config::LiveField;
using run::State;
using test::hashOf;
using test::Heard;

/// Runs that began from a checkpoint of a run whose total of steps was changed by hand, and their replays, with a fake task.
class TestBranchedRun : public QObject {
  Q_OBJECT

  static constexpr std::int64_t kOfRecipe = 60, kByHand = 80;

  QTemporaryDir home_;
  int count_ = 0;
  std::filesystem::path checkpoint_;  ///< of the parent, at step 1

  std::filesystem::path freshFolder() { return std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_)); }

  run::RunRequest branch() {
    run::RunRequest asked{.recipe = run::describeRunOf(checkpoint_).recipe, .data = {}, .folder = freshFolder(), .resumeFrom = {}, .branchFrom = checkpoint_};
    return asked;
  }
  /// Begins a run and has it do so once it has paused, before it trains to its end.
  static bool trained(const run::RunRequest& request, const std::vector<run::Command>& commands) {
    run::TrainingRunner runner(test::controlTasks({.stepTime = std::chrono::milliseconds(2)}));
    Heard heard;
    if (!runner.start(request)) return false;
    runner.send(run::Pause{});
    if (!heard.waitFor(runner, [&] { return runner.state() == State::Paused; })) return false;
    for (const auto& command : commands) runner.send(command);
    runner.send(run::Resume{});
    if (!runner.waitFinished(Heard::kLimit) || runner.state() != State::Finished) return false;
    heard.drain(runner);
    return heard.all<run::CommandRefused>().empty();
  }
  static std::int64_t lastStep(const run::RunRequest& request) { return run::readMetrics(request.folder / "metrics.bin").back().step; }
  std::filesystem::path replayOf(const run::RunRequest& request) { return test::replayed(request.folder, freshFolder(), test::controlTasks()); }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = kOfRecipe;
    const run::RunRequest parent{.recipe = recipe, .data = test::smallData(home_.path().toStdString()), .folder = freshFolder(), .resumeFrom = {}};
    QVERIFY(trained(parent, {run::StepOnce{}, run::Change{LiveField::LearningRate, 0.2}, run::Change{LiveField::TotalSteps, kByHand}, run::Stop{}}));
    const auto newest = checkpoint::CheckpointStore(parent.folder / "checkpoints").newestGood();
    QVERIFY(newest.has_value());
    QCOMPARE(newest->step, std::int64_t{1});
    checkpoint_ = newest->folder;
  }

  /// What was changed in the parent can be taken back in the branch, and in the replay of the branch.
  void theReplayHasTheChangesOfTheParent() {
    const auto request = branch();
    QVERIFY(trained(request, {run::StepOnce{}, run::Undo{}, run::StepOnce{}, run::Undo{}}));
    QCOMPARE(lastStep(request), kOfRecipe);
    QCOMPARE(hashOf(replayOf(request)), hashOf(request.folder));
    QCOMPARE(run::readDescription(request.folder).recipe.train.steps, kOfRecipe);
  }

  void theTotalOfTheParentComesAlong() {
    const auto request = branch();
    QVERIFY(trained(request, {}));
    QCOMPARE(lastStep(request), kByHand);
    QCOMPARE(hashOf(replayOf(request)), hashOf(request.folder));
  }

  /// Who asks for the total that the parent's recipe says gets it, and may take it back.
  void theTotalThatIsAskedForIsMeant() {
    auto request = branch();
    request.extraTotalSteps = kOfRecipe;
    QVERIFY(trained(request, {}));
    QCOMPARE(lastStep(request), kOfRecipe);
    QCOMPARE(hashOf(replayOf(request)), hashOf(request.folder));
    auto back = branch();
    back.extraTotalSteps = kOfRecipe;
    QVERIFY(trained(back, {run::StepOnce{}, run::Undo{}}));
    QCOMPARE(lastStep(back), kByHand);
    QCOMPARE(hashOf(replayOf(back)), hashOf(back.folder));
  }
};

QTEST_GUILESS_MAIN(TestBranchedRun)
#include "tst_branched_run.moc"
