// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <variant>

#include "base/error.h"
#include "run/training_runner.h"
#include "run/xudit_frozen.h"
#include "run/xudit_task.h"

using namespace dw;

namespace {

run::ModelQuestion question() {
  run::ModelQuestion q{.xT = std::vector<float>(4 * 32 * 32), .channels = 4, .height = 32, .width = 32, .time = 0.3, .terms = {0.8, 0.6}};
  for (std::size_t i = 0; i < q.xT.size(); ++i) q.xT[i] = std::sin(static_cast<float>(i));
  return q;
}

/// Waits for the answer to a CopyWeights.
std::shared_ptr<const run::FrozenModel> copyOf(run::TrainingRunner& runner, bool averaged) {
  runner.send(run::CopyWeights{averaged});
  std::shared_ptr<const run::FrozenModel> model;
  for (int i = 0; i < 3000 && !model; ++i) {
    QTest::qSleep(10);
    model = runner.takeWeights();
  }
  return model;
}

}  // namespace

/// One short real run, paused and saved: what is copied out of it is what its checkpoint holds.
class TestFrozenModel : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  run::TrainingRunner runner_{run::makeXuditTask};
  std::filesystem::path checkpoint_;
  std::int64_t step_ = 0;

  bool waitFor(run::State state) {
    for (int i = 0; i < 6000 && runner_.state() != state && runner_.state() != run::State::Failed; ++i) QTest::qSleep(10);
    return runner_.state() == state;
  }

 private Q_SLOTS:
  void initTestCase() {
    run::RunRequest request;
    request.recipe = config::builtinRecipe("quick");
    request.recipe.train.steps = 1'000'000;
    request.recipe.train.batch = 2;
    request.recipe.train.threads = 1;
    request.data = "demo";
    request.folder = folder_.filePath(QStringLiteral("run")).toStdString();
    QVERIFY(runner_.start(request));
    QVERIFY(waitFor(run::State::Running));
    QTest::qSleep(200);
    runner_.send(run::Pause{});
    QVERIFY(waitFor(run::State::Paused));
    runner_.send(run::SaveCheckpoint{});
    for (int i = 0; i < 3000 && checkpoint_.empty(); ++i) {
      QTest::qSleep(10);
      for (const auto& event : runner_.drainEvents()) {
        if (const auto* saved = std::get_if<run::CheckpointSaved>(&event)) {
          checkpoint_ = saved->folder;
          step_ = saved->step;
        }
      }
    }
    QVERIFY(!checkpoint_.empty());
  }

  void copiesAnswerAsTheCheckpointDoes_data() {
    QTest::addColumn<bool>("averaged");
    QTest::newRow("weights") << false;
    QTest::newRow("average") << true;
  }
  void copiesAnswerAsTheCheckpointDoes() {
    QFETCH(bool, averaged);
    const auto live = copyOf(runner_, averaged);  // while paused
    QVERIFY(live);
    QCOMPARE(live->facts().step, step_);
    QCOMPARE(live->facts().averaged, averaged);
    const auto saved = run::openFrozenModel(checkpoint_, averaged);
    QCOMPARE(saved->facts().step, step_);
    const auto a = live->ask(question()), b = saved->ask(question());
    QCOMPARE(a.eps, b.eps);
    // x_t is put together again from what the model says.
    const auto q = question();
    for (std::size_t i = 0; i < q.xT.size(); i += 97) QVERIFY(std::abs(0.8F * a.x0[i] + 0.6F * a.eps[i] - q.xT[i]) < 1e-4F);
  }

  void weightsAndAverageDiffer() { QVERIFY(run::openFrozenModel(checkpoint_, false)->ask(question()).eps != run::openFrozenModel(checkpoint_, true)->ask(question()).eps); }

  void copiesDrawAsTheCheckpointDoes() {
    const auto live = copyOf(runner_, true), saved = run::openFrozenModel(checkpoint_, true);
    QVERIFY(live && live->sampling() && saved->sampling());
    QCOMPARE(live->sampling()->info().height, 32);
    QCOMPARE(live->sampling()->info().classNames, saved->sampling()->info().classNames);
    const run::SampleRequest request{.count = 2, .steps = 3, .labels = {}, .context = {}, .seed = 4, .threads = 1};
    const auto values = live->sampling()->sample(request).values;
    QCOMPARE(values.size(), std::size_t{2 * 4 * 32 * 32});
    QCOMPARE(values, saved->sampling()->sample(request).values);
    QCOMPARE(values, run::openSamplingModel(checkpoint_)->sample(request).values);
  }

  void misfitsAreRefused() {
    const auto model = run::openFrozenModel(checkpoint_, false);
    auto q = question();
    q.channels = 3;
    QVERIFY_EXCEPTION_THROWN(model->ask(q), Error);
  }

  /// A checkpoint that somebody sent: a tensor that is missing must not stay as the dice threw it.
  void aCheckpointWithoutAllWeightsIsRefused() {
    const std::filesystem::path copy = folder_.filePath(QStringLiteral("sent")).toStdString();
    std::filesystem::create_directories(copy);
    for (const char* name : {"state.json", "model.safetensors"}) std::filesystem::copy_file(checkpoint_ / name, copy / name);
    QVERIFY(run::openFrozenModel(copy, false));  // it stands alone
    std::filesystem::copy_file(checkpoint_ / "optimizer.safetensors", copy / "model.safetensors", std::filesystem::copy_options::overwrite_existing);
    QVERIFY_EXCEPTION_THROWN(run::openFrozenModel(copy, false), Error);
  }

  void aCopyStaysWhileTrainingGoesOn() {
    const auto copy = copyOf(runner_, false);
    QVERIFY(copy);
    const auto before = copy->ask(question()).eps;
    runner_.send(run::Resume{});
    QVERIFY(waitFor(run::State::Running));
    std::shared_ptr<const run::FrozenModel> later;
    for (int i = 0; i < 200 && (!later || later->facts().step <= step_); ++i) later = copyOf(runner_, false);
    QVERIFY(later && later->facts().step > step_);
    QCOMPARE(copy->ask(question()).eps, before);
    QVERIFY(later->ask(question()).eps != before);
  }
};

QTEST_APPLESS_MAIN(TestFrozenModel)
#include "tst_frozen_model.moc"
