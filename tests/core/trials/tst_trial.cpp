// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>
#include <memory>

#include "base/error.h"
#include "base/system_info.h"
#include "fake_task.h"
#include "heard.h"
#include "run_folder/checkpoint_store.h"
#include "trials/dry_run.h"
#include "trials/what_if.h"

// Covers: trial, dry_run, what_if
using namespace dw;

namespace {

constexpr std::uint64_t kMiB = 1U << 20;

/// What the tasks of a test did.
struct Diary {
  std::vector<std::int64_t> batches;  ///< of each task, in order
  std::vector<double> rates;          ///< of each step
  std::vector<config::LiveSettings> live;
  std::uint64_t fixed = 100 * kMiB, perSample = 10 * kMiB;
  std::uint64_t ofDevice = 0;  ///< memory of a GPU
  std::uint64_t atLeast = 0;   ///< whatever the batch
  int alive = 0, mostAlive = 0;
};

/// Learns best at a rate of 0.01: the loss falls by lr at each step up to there, above 1 it becomes infinite.
class RateTask : public trainer::TrainingTask {
 public:
  RateTask(trainer::TaskRequest request, Diary& diary) : request_(std::move(request)), diary_(diary) {
    diary_.batches.push_back(request_.recipe.train.batch);
    diary_.mostAlive = std::max(diary_.mostAlive, ++diary_.alive);
  }
  ~RateTask() override { --diary_.alive; }
  trainer::TaskFacts prepare() override { return {.parameters = 1234, .firstStep = 70, .threads = 2, .device = "cpu"}; }
  messages::StepMetrics step(const config::LiveSettings& live) override {
    diary_.rates.push_back(live.lr);
    diary_.live.push_back(live);
    if (live.lr > 1.0) throw Error(ErrorKind::NotFinite, "the loss is not finite", "");
    loss_ = live.lr <= 0.01 ? loss_ * (1.0 - live.lr) : loss_ * (1.0 + live.lr);
    messages::StepMetrics metrics;
    metrics.step = 70 + ++steps_;
    metrics.loss = loss_;
    metrics.lr = live.lr;
    return metrics;
  }
  std::shared_ptr<const trainer::Snapshot> takeSnapshot(const config::LiveSettings&) override { return nullptr; }
  std::uint64_t peakBytes() const override {
    const auto samples = static_cast<std::uint64_t>(request_.recipe.train.batch);
    return request_.measureMemory ? std::max(diary_.fixed + diary_.perSample * samples, diary_.atLeast) : 0;
  }

  std::uint64_t availableBytes() const override { return diary_.ofDevice; }

 private:
  trainer::TaskRequest request_;
  Diary& diary_;
  double loss_ = 1.0;
  std::int64_t steps_ = 0;
};

trainer::TaskFactory rateTasks(Diary& diary) {
  return [&diary](trainer::TaskRequest request) { return std::make_unique<RateTask>(std::move(request), diary); };
}

trials::TrialRequest demo(std::int64_t batch = 8) {
  auto recipe = config::builtinRecipe("quick");
  recipe.train.batch = batch;
  recipe.train.steps = 1070;
  return {.recipe = recipe, .data = "demo"};
}

}  // namespace

/// Dry run, what-if and range test with a fake task. Runs under TSan.
class TestTrial : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void dryRunMeasuresThreeStepsOfTheRealBatch() {
    Diary diary;
    const auto result = trials::dryRun(rateTasks(diary), demo());
    QCOMPARE(diary.batches, (std::vector<std::int64_t>{1, 2, 4, 8}));
    QCOMPARE(diary.rates.size(), std::size_t{1 + 1 + 1 + 1 + trials::kDryRunSteps});
    QCOMPARE(diary.mostAlive, 1);  // never two models in memory
    QCOMPARE(result.parameters, 1234);
    QCOMPARE(result.threads, 2);
    QCOMPARE(result.stepsLeft, 1000);
    QVERIFY(result.fits);
    QCOMPARE(result.fittingBatch, 8);
    QCOMPARE(result.peakBytes / kMiB, 180U);
    QVERIFY(result.fastestS > 0.0 && result.fastestS <= result.meanS && result.meanS <= result.slowestS);
    QCOMPARE(result.longestS(), 1000.0 * result.slowestS);
  }

  void aBatchThatDoesNotFitIsNotTried() {
    Diary diary;
    diary.perSample = systemMemory().available / 5;
    const auto result = trials::dryRun(rateTasks(diary), demo(8));
    QCOMPARE(diary.batches, (std::vector<std::int64_t>{1, 2, 4, 1}));
    QVERIFY(!result.fits);
    QVERIFY(result.fittingBatch >= 3 && result.fittingBatch <= 5);  // others use memory meanwhile
    QVERIFY(result.peakBytes > result.availableBytes);
    QCOMPARE(result.meanS, 0.0);
  }

  /// Up to 20 samples, what the optimizer takes is more than what the samples take.
  void growthIsFoundBehindAFixedPart() {
    Diary diary;
    diary.atLeast = 300 * kMiB;
    diary.ofDevice = 2000 * kMiB;  // 1800 of them may be used
    auto request = demo(1000);
    request.recipe.train.device = config::Device::Cuda;
    const auto result = trials::dryRun(rateTasks(diary), request);
    QCOMPARE(diary.batches, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 1}));
    QVERIFY(!result.fits);
    QCOMPARE(result.fittingBatch, 170);
    QCOMPARE(result.peakBytes / kMiB, 10'100U);
  }

  void memoryOfAGpuDecidesThere() {
    Diary diary;
    diary.ofDevice = 200 * kMiB;  // 180 of them may be used
    auto request = demo(9);
    request.recipe.train.device = config::Device::Cuda;
    const auto result = trials::dryRun(rateTasks(diary), request);
    QCOMPARE(result.availableBytes, diary.ofDevice);
    QCOMPARE(result.peakBytes / kMiB, 190U);  // batches that are read ahead lie in the machine's own memory
    QVERIFY(!result.fits);
    QCOMPARE(result.fittingBatch, 8);
  }

  void fittingBatchIsExact() {
    // 100 + 50 n <= 0.9 * 1000: n = 16.
    QCOMPARE(trials::largestFittingBatch(150, 200, 1000), 16);
    QVERIFY(trials::reckonedBytes(150, 200, 16) <= 900 && trials::reckonedBytes(150, 200, 17) > 900);
    QCOMPARE(trials::largestFittingBatch(901, 1000, 1000), 0);
    QCOMPARE(trials::largestFittingBatch(900, 1000, 1000), 1);
    QVERIFY(trials::largestFittingBatch(100, 90, 1000) > 0);  // no slope: nothing to divide by
  }

  void aDryRunCanBeGivenUp() {
    Diary diary;
    QVERIFY_EXCEPTION_THROWN(
        trials::dryRun(rateTasks(diary), demo(),
                       [](const std::string& what, double) { return !what.starts_with("training"); }),
        Error);
    QCOMPARE(diary.rates.size(), std::size_t{3});
    QCOMPARE(diary.alive, 0);
  }

  void wrongRecipesAreRefused() {
    Diary diary;
    QVERIFY_EXCEPTION_THROWN(trials::dryRun(rateTasks(diary), demo(1'000'000)), Error);
    QVERIFY_EXCEPTION_THROWN(trials::whatIf(rateTasks(diary), demo(), {}, 5), Error);
    for (const double rate :
         {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      const std::vector<double> rates{0.1, rate};
      QVERIFY_EXCEPTION_THROWN(trials::whatIf(rateTasks(diary), demo(), rates, 5), Error);
      QVERIFY_EXCEPTION_THROWN(trials::rangeTest(rateTasks(diary), demo(), rate, 0.1, 5), Error);
    }
    QVERIFY(diary.batches.empty());
  }

  void whatIfFindsTheBestRate() {
    Diary diary;
    const std::vector<double> rates{0.001, 0.01, 0.1, 2.0};
    std::vector<std::size_t> told;
    const auto result = trials::whatIf(
        rateTasks(diary), demo(), rates, 20,
        {.progress = {}, .step = [&](std::size_t b, const messages::StepMetrics&) { told.push_back(b); }});
    QCOMPARE(result.firstStep, 70);
    QCOMPARE(result.branches.size(), rates.size());
    QCOMPARE(told.size(), std::size_t{60});
    QVERIFY(!result.cancelled);
    QCOMPARE(result.best().value(), std::size_t{1});
    for (std::size_t i = 0; i < 3; ++i) {
      QCOMPARE(result.branches[i].steps.size(), std::size_t{20});
      QCOMPARE(result.branches[i].steps.front().step, 71);
      QCOMPARE(result.branches[i].steps.front().lr, rates[i]);
    }
    QVERIFY(!result.branches[3].failure.empty() && result.branches[3].steps.empty());
    QCOMPARE(diary.mostAlive, 1);
  }

  void cancelledMidwayKeepsWhatIsDone() {
    Diary diary;
    const std::vector<double> rates{0.001, 0.01, 0.1};
    int steps = 0;
    const trials::TrialObserver observer{.progress = [&](const std::string&, double) { return steps < 30; },
                                         .step = [&](std::size_t, const messages::StepMetrics&) { ++steps; }};
    const auto result = trials::whatIf(rateTasks(diary), demo(), rates, 20, observer);
    QVERIFY(result.cancelled);
    QCOMPARE(result.branches.size(), std::size_t{2});
    QCOMPARE(result.branches[0].steps.size(), std::size_t{20});
    QCOMPARE(result.branches[1].steps.size(), std::size_t{10});
    QCOMPARE(diary.alive, 0);
    const auto atOnce = trials::whatIf(rateTasks(diary), demo(), rates, 20,
                                       {.progress = [](const std::string&, double) { return false; }, .step = {}});
    QVERIFY(atOnce.cancelled && atOnce.branches.empty());
  }

  /// What was changed by hand before the checkpoint holds for the tries from it as well.
  void triesGoOnWithTheLiveSettings() {
    const QTemporaryDir home;
    const auto folder = std::filesystem::path(home.path().toStdString()) / "run";
    auto recipe = config::builtinRecipe("lecture");
    recipe.optim.lrSchedule = config::LrKind::Cosine;
    trainer::TrainingRunner runner(test::fakeTasks());
    runner.start(trainer::FreshRun{.recipe = recipe, .data = "demo", .folder = folder});
    test::Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return heard.steps.size() > 3; }));
    runner.send(messages::Change{config::LiveField::ClipNorm, 2.0});
    runner.send(messages::Change{config::LiveField::LearningRate, 0.5});
    runner.send(messages::SkipBatch{});  // refused: nothing is in the way
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(test::Heard::kLimit));
    const auto checkpoint = run_folder::CheckpointStore(folder / "checkpoints").list().back().folder;
    Diary diary;
    const std::vector<double> rates{0.001};
    trials::whatIf(rateTasks(diary), trials::trialRequestFrom(checkpoint), rates, 3);
    trials::rangeTest(rateTasks(diary), trials::trialRequestFrom(checkpoint), 1e-5, 1e-3, 3);
    QCOMPARE(diary.live.size(), std::size_t{6});
    for (const auto& live : diary.live) QCOMPARE(live.clipNorm, 2.0);
    QCOMPARE(diary.live[0].lr, 0.001);
    QCOMPARE(diary.live[0].shape.kind, config::LrKind::Cosine);
    QCOMPARE(diary.live[5].shape.kind, config::LrKind::Constant);
  }

  void rangeTestEndsWhereTheLossBlowsUp() {
    Diary diary;
    const auto result = trials::rangeTest(rateTasks(diary), demo(), 1e-5, 1.0, 100);
    QVERIFY(result.blewUp);
    QVERIFY(result.steps.size() < 100);
    QVERIFY(std::abs(diary.rates[50] / trials::sweptRate(1e-5, 1.0, 50, 100) - 1.0) < 1e-12);
    QVERIFY(result.suggested && *result.suggested > 1e-3 && *result.suggested <= 0.02);
  }

  void suggestionIsWhereTheLossFallsSteepest() {
    std::vector<double> rates, losses;
    for (int i = 0; i < 200; ++i) {
      rates.push_back(trials::sweptRate(1e-6, 1.0, i, 200));
      losses.push_back(1.0 - 0.5 / (1.0 + std::exp(-(i - 100) / 5.0)) + (i > 150 ? 0.1 * (i - 150) : 0.0));
    }
    const auto rate = trials::suggestRate(rates, losses);
    QVERIFY(rate.has_value());
    // Steepest at step 100, seen by the smoothing some ten steps later.
    QVERIFY(*rate > rates[95] && *rate < rates[115]);
    QVERIFY(!trials::suggestRate(rates, std::vector<double>(200, 1.0)));
    std::vector<double> rising;
    for (int i = 0; i < 200; ++i) rising.push_back(1.0 + i);
    QVERIFY(!trials::suggestRate(rates, rising));
    QVERIFY(!trials::suggestRate({}, {}));
  }
};

QTEST_APPLESS_MAIN(TestTrial)
#include "tst_trial.moc"
