// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: training_runner, measurements
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "../../support/small_data.h"
#include "fake_task.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/measurement_files.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "trainer/training_runner.h"

using namespace dw;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A fake task whose validation loss is lowest at step 40, while its training loss falls for ever.
class ValidatingTask : public test::FakeTask {
 public:
  ValidatingTask(trainer::TaskRequest request, std::chrono::milliseconds time)
      : FakeTask(std::move(request), quick()), time_(time) {}
  messages::StepMetrics step(const config::LiveSettings& live) override {
    auto metrics = FakeTask::step(live);
    step_ = metrics.step;
    if (step_ % 10 == 0) metrics.updateRatio = 1e-3 * static_cast<double>(step_);
    return metrics;
  }
  std::optional<messages::ValidationPoint> validate(const std::function<bool()>& shouldContinue) override {
    for (auto end = std::chrono::steady_clock::now() + time_; std::chrono::steady_clock::now() < end;
         std::this_thread::sleep_for(1ms)) {
      if (!shouldContinue()) return std::nullopt;
    }
    return messages::ValidationPoint{.loss = 0.5 + std::abs(static_cast<double>(step_ - 40)) / 100.0, .ms = 1000.0};
  }

 private:
  static test::FakePlan quick() {
    test::FakePlan plan;
    plan.stepTime = 50us;
    return plan;
  }
  std::chrono::milliseconds time_;
  std::int64_t step_ = 0;
};

/// Counts the updates that are made while it measures its validation loss.
class NestedTask : public test::FakeTask {
 public:
  NestedTask(trainer::TaskRequest request, std::atomic<int>& within, std::atomic<int>& deepest)
      : FakeTask(std::move(request), {}), within_(within), deepest_(deepest) {}
  messages::StepMetrics step(const config::LiveSettings& live) override {
    if (within_ > 0) ++deepest_;
    return FakeTask::step(live);
  }
  std::optional<messages::ValidationPoint> validate(const std::function<bool()>& shouldContinue) override {
    ++within_;
    bool on = true;
    for (int i = 0; i < 20 && on; ++i) {  // the commands of the test arrive meanwhile
      std::this_thread::sleep_for(1ms);
      on = shouldContinue();
    }
    --within_;
    return on ? std::optional(messages::ValidationPoint{.loss = 0.5}) : std::nullopt;
  }

 private:
  std::atomic<int>&within_, &deepest_;
};

trainer::TaskFactory validatingTasks(std::chrono::milliseconds time = 0ms) {
  return [time](trainer::TaskRequest request) { return std::make_unique<ValidatingTask>(std::move(request), time); };
}

}  // namespace

/// When the run loop measures the validation loss, and what becomes of it. Runs under TSan.
class TestValidationLoop : public QObject {
  Q_OBJECT

  static constexpr auto kLimit = 60s;
  QTemporaryDir home_;
  int count_ = 0;

  trainer::FreshRun request(std::int64_t steps, std::int64_t every) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = steps;
    recipe.validation.every = every;
    const auto folder = fs::path(home_.path().toStdString()) / ("run" + std::to_string(++count_));
    return {.recipe = recipe, .data = test::smallData(home_.path().toStdString()), .folder = folder};
  }

  struct Heard {
    std::vector<messages::ValidationPoint> validated;
    std::vector<std::int64_t> saved;
  };
  static Heard heardOf(trainer::TrainingRunner& runner) {
    Heard heard;
    for (const auto& event : runner.drainEvents()) {
      if (const auto* v = std::get_if<messages::Validated>(&event)) heard.validated.push_back(v->point);
      if (const auto* s = std::get_if<messages::CheckpointSaved>(&event)) heard.saved.push_back(s->step);
    }
    return heard;
  }
  static std::vector<std::int64_t> validatedSteps(trainer::TrainingRunner& runner) {
    std::vector<std::int64_t> steps;
    for (const auto& point : heardOf(runner).validated) steps.push_back(point.step);
    return steps;
  }

 private Q_SLOTS:
  void isMeasuredWhereTheRecipeSays() {
    auto wanted = request(70, 20);
    wanted.recipe.checkpoint = {.everyMinutes = 0, .every = 0, .keep = 9};
    trainer::TrainingRunner runner(validatingTasks());
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    const std::vector<std::int64_t> due{20, 40, 60, 70};
    QCOMPARE(validatedSteps(runner), due);
    const auto points = run_folder::readValidation(wanted.folder);
    QCOMPARE(points.size(), due.size());
    QCOMPARE(points[1].loss, 0.5);
    QCOMPARE(run_folder::readUpdateRatios(wanted.folder).size(), std::size_t{7});
    QCOMPARE(run_folder::readUpdateRatios(wanted.folder)[3].ratio, 0.04);
    // Its time is the run's, but no step's; the last measurement comes after the last record.
    const auto steps = run_folder::readMetrics(wanted.folder / "metrics.bin");
    QVERIFY(steps.back().activeS >= 3.0);
    double inSteps = 0.0;
    for (const auto& s : steps) inSteps += static_cast<double>(s.stepMs) / 1000.0;
    QVERIFY(std::abs(steps.back().activeS - inSteps - 3.0) < 1e-3);
  }

  void theBestCheckpointIsItsLowest() {
    auto wanted = request(400, 100'000);
    wanted.recipe.checkpoint = {.everyMinutes = 0, .every = 4, .keep = 1};
    trainer::TrainingRunner runner(validatingTasks());
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    // Which steps are saved depends on the disk; each has its validation loss, and the lowest of them stays beside the last.
    const auto heard = heardOf(runner);
    QVERIFY(heard.saved.size() >= 2 && heard.saved.back() == 400);
    const messages::ValidationPoint* best = nullptr;
    for (const auto& point : heard.validated) {
      QVERIFY(std::find(heard.saved.begin(), heard.saved.end(), point.step) != heard.saved.end());
      if (best == nullptr || point.loss <= best->loss) best = &point;
    }
    QCOMPARE(heard.validated.size(), heard.saved.size());
    QVERIFY(best->step < 400);  // the training loss is lowest at the end
    const auto kept = run_folder::CheckpointStore(wanted.folder / "checkpoints").list();
    QCOMPARE(kept.size(), std::size_t{2});
    QCOMPARE(kept[0].step, best->step);
    QVERIFY(kept[0].best && !kept[1].best);
    QCOMPARE(*kept[0].validation, best->loss);
    QCOMPARE(kept[1].step, 400);
  }

  void zeroIsNever() {
    trainer::TrainingRunner runner(validatingTasks());
    const auto wanted = request(30, 0);
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    QVERIFY(validatedSteps(runner).empty());
    QVERIFY(!fs::exists(wanted.folder / run_folder::kValidationFile));
  }

  void stopDoesNotWaitForIt() {
    trainer::TrainingRunner runner(validatingTasks(10min));
    QVERIFY(runner.start(request(1000, 10)));
    while (runner.state() != messages::State::Running) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(50ms);
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(int(runner.state()), int(messages::State::Finished));
    QVERIFY(validatedSteps(runner).empty());
  }

  /// As after a resume, but in one go and at once: what was measured beyond the checkpoint is gone before the next step.
  void aRunThatGoesBackLeavesWhatItMeasured() {
    auto wanted = request(100'000, 10);
    wanted.recipe.checkpoint = {.everyMinutes = 0, .every = 0, .keep = 9};
    trainer::TrainingRunner runner(validatingTasks());
    QVERIFY(runner.start(wanted));
    const auto untilSteps = [&](std::int64_t more) {  // single steps, so that it is known where it stands
      for (std::int64_t i = 0; i < more; ++i) runner.send(messages::StepOnce{});
    };
    const auto metrics = wanted.folder / "metrics.bin";
    const auto lastStep = [&] {
      const auto steps = fs::exists(metrics) ? run_folder::readMetrics(metrics) : std::vector<messages::StepMetrics>();
      return steps.empty() ? std::int64_t{0} : steps.back().step;
    };
    runner.send(messages::Pause{});
    QTRY_COMPARE_WITH_TIMEOUT(runner.state(), messages::State::Paused, 60'000);
    const auto first = lastStep();
    untilSteps(25 - first % 10);
    QTRY_COMPARE_WITH_TIMEOUT(lastStep(), first + 25 - first % 10, 60'000);
    const auto kept = lastStep();
    runner.send(messages::SaveCheckpoint{});
    QTRY_COMPARE_WITH_TIMEOUT(run_folder::CheckpointStore(wanted.folder / "checkpoints").list().size(), std::size_t{1},
                              60'000);
    untilSteps(20);
    QTRY_COMPARE_WITH_TIMEOUT(lastStep(), kept + 20, 60'000);
    QTRY_VERIFY_WITH_TIMEOUT(run_folder::readValidation(wanted.folder).back().step > kept + 10, 60'000);
    runner.send(messages::GoBack{kept});
    QTRY_COMPARE_WITH_TIMEOUT(lastStep(), kept, 60'000);
    QVERIFY(run_folder::readValidation(wanted.folder).back().step < kept);
    QVERIFY(run_folder::readUpdateRatios(wanted.folder).back().step < kept);
    untilSteps(6);  // past one measurement, and not as far as before
    QTRY_COMPARE_WITH_TIMEOUT(lastStep(), kept + 6, 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(run_folder::readValidation(wanted.folder).back().step, kept + 5, 60'000);
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(run_folder::readUpdateRatios(wanted.folder).back().step, kept + 5);
  }

  /// A command that changes the weights waits until they are measured; else the point would be of two steps.
  void singleStepsWaitForIt() {
    auto wanted = request(100'000, 1);
    wanted.recipe.checkpoint = {.everyMinutes = 0, .every = 0, .keep = 9};
    std::atomic<int> within{0}, deepest{0};
    trainer::TrainingRunner runner([&](trainer::TaskRequest request) {
      return std::make_unique<NestedTask>(std::move(request), within, deepest);
    });
    QVERIFY(runner.start(wanted));
    runner.send(messages::Pause{});
    QTRY_COMPARE_WITH_TIMEOUT(runner.state(), messages::State::Paused, 60'000);
    const auto metrics = wanted.folder / "metrics.bin";
    const auto first =
        run_folder::readMetrics(metrics).empty() ? std::int64_t{0} : run_folder::readMetrics(metrics).back().step;
    for (int i = 0; i < 5; ++i) runner.send(messages::StepOnce{});
    QTRY_VERIFY_WITH_TIMEOUT(
        !run_folder::readMetrics(metrics).empty() && run_folder::readMetrics(metrics).back().step == first + 5, 60'000);
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(deepest.load(), 0);
    int applied = 0;
    for (const auto& event : runner.drainEvents()) {
      const auto* answer = std::get_if<messages::CommandApplied>(&event);
      if (answer != nullptr && answer->name == "step_once") QCOMPARE(answer->step, first + applied++);
    }
    QCOMPARE(applied, 5);
  }

  void aResumedRunLeavesWhatItWentBackFrom() {
    auto wanted = request(100, 10);
    wanted.recipe.checkpoint = {.everyMinutes = 0, .every = 50, .keep = 9};
    trainer::TrainingRunner runner(validatingTasks());
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    fs::remove_all(wanted.folder / "checkpoints" / "step-0000100");
    QVERIFY(runner.start(trainer::ResumeRun{.run = wanted.folder, .totalSteps = 65}));
    QVERIFY(runner.waitFinished(kLimit));
    std::vector<std::int64_t> steps;
    for (const auto& p : run_folder::readValidation(wanted.folder)) steps.push_back(p.step);
    QCOMPARE(steps, (std::vector<std::int64_t>{10, 20, 30, 40, 50, 60, 65}));
    QCOMPARE(run_folder::readUpdateRatios(wanted.folder).back().step, 60);
  }
};

QTEST_APPLESS_MAIN(TestValidationLoop)
#include "tst_validation_loop.moc"
