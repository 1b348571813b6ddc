// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: xudit_task, replay
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

#include "../../../support/pt_builder.h"
#include "base/error.h"
#include "heard.h"
#include "replays.h"
#include "run_folder/metrics_file.h"
#include "trainer/replay.h"
#include "trainer/xudit/xudit_task.h"

using namespace dw;
using messages::State;
using test::hashOf;
using test::Heard;
namespace fs = std::filesystem;

namespace {

/// A model of a few thousand numbers, with all that a checkpoint has to bring back.
config::Recipe smallRecipe() {
  auto recipe = config::builtinRecipe("lecture");
  recipe.model.heads = 2;
  recipe.model.dimHead = 8;
  recipe.model.mlpDim = 32;
  recipe.train.batch = 2;
  recipe.train.threads = 1;
  recipe.train.steps = 1000;
  recipe.optim.kind = config::OptimizerKind::AdamW;
  recipe.optim.lr = 1e-3;
  recipe.optim.lrSchedule = config::LrKind::Cosine;
  recipe.optim.weightDecay = 0.01;
  recipe.optim.clipNorm = 1.0;
  recipe.ema.decay = 0.99;
  recipe.diffusion.timesteps = config::TimestepKind::Importance;
  recipe.checkpoint.everyMinutes = 0.0;
  recipe.checkpoint.every = 5;
  recipe.checkpoint.keep = 50;
  recipe.validation.every = 0;
  return recipe;
}

constexpr std::int64_t kBadSample = 3;

/// Six samples [2, 16, 16]; the numbers of one are finite, but the square of none of them is.
std::string samplesWithABadOne() {
  auto npy = test::npyHead("<f4", "6, 2, 16, 16");
  for (std::int64_t i = 0; i < 6 * 2 * 16 * 16; ++i) {
    const auto value = i / (2 * 16 * 16) == kBadSample ? 3e38F : std::sin(static_cast<float>(i));
    npy.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return npy;
}

}  // namespace

/// Remedies and going back with the real model.
class TestXuditControl : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;

  fs::path fresh() { return fs::path(home_.path().toStdString()) / std::to_string(++count_); }

  trainer::FreshRun request(const config::Recipe& recipe, const std::string& data) {
    trainer::FreshRun wanted{.recipe = recipe, .data = data, .folder = fresh()};
    return wanted;
  }

  std::string hashOfReplay(const fs::path& original) {
    return hashOf(test::replayed(original, fresh(), trainer::xudit::makeXuditTask));
  }

  /// So many single steps of a paused run; false: they did not come.
  static bool takeSteps(trainer::TrainingRunner& runner, Heard& heard, std::int64_t count) {
    const auto wanted = heard.steps.size() + static_cast<std::size_t>(count);
    for (std::int64_t i = 0; i < count; ++i) runner.send(messages::StepOnce{});
    return heard.waitFor(runner, [&] { return heard.steps.size() == wanted; });
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  /// Weights, moments, average, measured timesteps, learning rate: the steps after a checkpoint come out the same again.
  void goesBackAndRepeatsBitByBit() {
    trainer::TrainingRunner runner(trainer::xudit::makeXuditTask);
    const auto wanted = request(smallRecipe(), "demo");
    QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
    Heard heard;
    runner.send(messages::Pause{});
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == State::Paused; }));
    heard.drain(runner);
    const auto begun = static_cast<std::int64_t>(heard.steps.size());
    QVERIFY(takeSteps(runner, heard, 10 - begun % 5));
    const auto kept = heard.steps.back().step;
    QCOMPARE(kept % 5, std::int64_t{0});
    QVERIFY(heard.waitFor(runner, [&] {
      return !heard.all<messages::CheckpointSaved>().empty() &&
             heard.all<messages::CheckpointSaved>().back().step == kept;
    }));
    QVERIFY(takeSteps(runner, heard, 4));
    const std::vector<messages::StepMetrics> first(heard.steps.end() - 4, heard.steps.end());
    runner.send(messages::Change{config::LiveField::LearningRate, 0.02});
    QVERIFY(takeSteps(runner, heard, 2));
    runner.send(messages::GoBack{kept});
    QVERIFY(heard.answered(runner, "go_back"));
    const auto back = heard.all<messages::WentBack>().at(0);
    QCOMPARE(back.to, kept);
    QCOMPARE(back.live.settings.lr, 1e-3);
    QVERIFY(takeSteps(runner, heard, 4));
    const std::vector<messages::StepMetrics> second(heard.steps.end() - 4, heard.steps.end());
    for (std::size_t i = 0; i < first.size(); ++i) {
      QCOMPARE(second[i].step, first[i].step);
      QCOMPARE(second[i].samplesSeen, first[i].samplesSeen);
      QVERIFY(second[i].loss == first[i].loss && second[i].gradNorm == first[i].gradNorm &&
              second[i].lr == first[i].lr);
    }
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(Heard::kLimit));
    QCOMPARE(runner.state(), State::Finished);
    QCOMPARE(run_folder::readMetrics(wanted.folder / "metrics.bin").size(), static_cast<std::size_t>(kept + 4));
    QCOMPARE(hashOfReplay(wanted.folder), hashOf(wanted.folder));
  }

  /// A batch whose loss is not finite: nothing is learnt from it, it is named, tried again as it was, and left out.
  void aBadBatchIsLeftOut() {
    const auto data = fs::path(home_.path().toStdString()) / "bad.npy";
    test::writeFile(data, samplesWithABadOne());
    auto recipe = smallRecipe();
    recipe.data.axes = "BCHW";
    recipe.data.order = config::SampleOrder::Epoch;  // each sample once: the bad one comes once in three batches
    recipe.diffusion.target = config::Target::X0;
    recipe.diffusion.timesteps = config::TimestepKind::Uniform;
    recipe.train.steps = 6;
    trainer::TrainingRunner runner(trainer::xudit::makeXuditTask);
    const auto wanted = request(recipe, data.string());
    QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
    Heard heard;
    std::size_t met = 0;
    const auto nextTrouble = [&] {
      const bool came =
          heard.waitFor(runner, [&] { return runner.finished() || heard.all<messages::Trouble>().size() > met; });
      return came && heard.all<messages::Trouble>().size() > met;
    };
    while (nextTrouble()) {
      const auto trouble = heard.all<messages::Trouble>()[met++];
      QCOMPARE(trouble.kind, ErrorKind::NotFinite);
      QCOMPARE(trouble.samples.size(), std::size_t{2});
      QVERIFY(std::ranges::count(trouble.samples, kBadSample) == 1);
      const auto named = "update " + std::to_string(trouble.step + 1) + " ";
      QVERIFY2(trouble.sentence.starts_with(named), trouble.sentence.c_str());
      if (met == 2) {  // the same once more, half the rate or not
        const auto before = heard.all<messages::Trouble>()[0];
        QCOMPARE(trouble.step, before.step);
        QCOMPARE(trouble.samples, before.samples);
      }
      if (met == 1)
        runner.send(messages::HalveRate{});
      else
        runner.send(messages::SkipBatch{});
      QVERIFY(met < 10);
    }
    QCOMPARE(runner.state(), State::Finished);
    QVERIFY(met >= 3);  // two epochs at least, and one of them tried twice
    const auto metrics = run_folder::readMetrics(wanted.folder / "metrics.bin");
    QCOMPARE(metrics.size(), std::size_t{6});
    for (const auto& m : metrics) QVERIFY(std::isfinite(m.loss) && std::isfinite(m.gradNorm));
    QCOMPARE(hashOfReplay(wanted.folder), hashOf(wanted.folder));
  }

  void bfloat16TrainsAndReplays() {
    auto recipe = smallRecipe();
    recipe.train.steps = 8;
    std::vector<float> firstLosses;
    for (const auto precision : {config::Precision::Float32, config::Precision::BFloat16}) {
      recipe.train.precision = precision;
      const auto wanted = request(recipe, "demo");
      trainer::TrainingRunner runner(trainer::xudit::makeXuditTask);
      QVERIFY(runner.start(wanted, trainer::OnTrouble::Pause));
      QVERIFY(runner.waitFinished(Heard::kLimit));
      QCOMPARE(runner.state(), State::Finished);
      const auto metrics = run_folder::readMetrics(wanted.folder / "metrics.bin");
      QCOMPARE(metrics.size(), std::size_t{8});
      for (const auto& m : metrics) QVERIFY(std::isfinite(m.loss) && m.gradNorm > 0.0F);
      firstLosses.push_back(metrics[0].loss);
      QCOMPARE(hashOfReplay(wanted.folder), hashOf(wanted.folder));
    }
    QVERIFY(firstLosses[0] != firstLosses[1]);
    QVERIFY(std::abs(firstLosses[1] / firstLosses[0] - 1.0F) < 0.05F);
  }
};

QTEST_APPLESS_MAIN(TestXuditControl)
#include "tst_xudit_control.moc"
