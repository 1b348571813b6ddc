// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: training_runner, run_folder
#include <QTemporaryDir>
#include <QTest>

#include "../../support/small_data.h"
#include "control_task.h"
#include "heard.h"
#include "replays.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "trainer/training_runner.h"

using namespace dw;
using config::LiveField;
using messages::State;
using test::hashOf;
using test::Heard;

/// Runs that began from a checkpoint of a run whose total of steps was changed by hand, and their replays, with a fake task.
class TestBranchedRun : public QObject {
  Q_OBJECT

  static constexpr std::int64_t kOfRecipe = 60, kByHand = 80;

  QTemporaryDir home_;
  int count_ = 0;
  std::filesystem::path checkpoint_;  ///< of the parent, at step 1

  std::filesystem::path freshFolder() {
    return std::filesystem::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
  }

  trainer::Branch branch() {
    trainer::Branch asked{.recipe = run_folder::describeRunOf(checkpoint_).recipe,
                          .data = {},
                          .folder = freshFolder(),
                          .checkpoint = checkpoint_};
    return asked;
  }
  /// Begins a run and has it do so once it has paused, before it trains to its end.
  static bool trained(const trainer::RunRequest& request, const std::vector<messages::Command>& commands) {
    trainer::TrainingRunner runner(test::controlTasks({.stepTime = std::chrono::milliseconds(2)}));
    Heard heard;
    if (!runner.start(request)) return false;
    runner.send(messages::Pause{});
    if (!heard.waitFor(runner, [&] { return runner.state() == State::Paused; })) return false;
    for (const auto& command : commands) runner.send(command);
    runner.send(messages::Resume{});
    if (!runner.waitFinished(Heard::kLimit) || runner.state() != State::Finished) return false;
    heard.drain(runner);
    return heard.all<messages::CommandRefused>().empty();
  }
  static std::int64_t lastStep(const trainer::Branch& request) {
    return run_folder::readMetrics(request.folder / "metrics.bin").back().step;
  }
  std::filesystem::path replayOf(const trainer::Branch& request) {
    return test::replayed(request.folder, freshFolder(), test::controlTasks());
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = kOfRecipe;
    const trainer::FreshRun parent{
        .recipe = recipe, .data = test::smallData(home_.path().toStdString()), .folder = freshFolder()};
    QVERIFY(trained(parent, {messages::StepOnce{}, messages::Change{LiveField::LearningRate, 0.2},
                             messages::Change{LiveField::TotalSteps, kByHand}, messages::Stop{}}));
    const auto newest = run_folder::CheckpointStore(parent.folder / "checkpoints").newestGood();
    QVERIFY(newest.has_value());
    QCOMPARE(newest->step, std::int64_t{1});
    checkpoint_ = newest->folder;
  }

  /// What was changed in the parent can be taken back in the branch, and in the replay of the branch.
  void theReplayHasTheChangesOfTheParent() {
    const auto request = branch();
    QVERIFY(trained(request, {messages::StepOnce{}, messages::Undo{}, messages::StepOnce{}, messages::Undo{}}));
    QCOMPARE(lastStep(request), kOfRecipe);
    QCOMPARE(hashOf(replayOf(request)), hashOf(request.folder));
    QCOMPARE(run_folder::readDescription(request.folder).recipe.train.steps, kOfRecipe);
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
    request.totalSteps = kOfRecipe;
    QVERIFY(trained(request, {}));
    QCOMPARE(lastStep(request), kOfRecipe);
    QCOMPARE(hashOf(replayOf(request)), hashOf(request.folder));
    auto back = branch();
    back.totalSteps = kOfRecipe;
    QVERIFY(trained(back, {messages::StepOnce{}, messages::Undo{}}));
    QCOMPARE(lastStep(back), kByHand);
    QCOMPARE(hashOf(replayOf(back)), hashOf(back.folder));
  }
};

QTEST_GUILESS_MAIN(TestBranchedRun)
#include "tst_branched_run.moc"
