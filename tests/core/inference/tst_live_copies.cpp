// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <cmath>
#include <variant>

#include "base/error.h"
#include "inference/networks/checkpoint_model.h"
#include "trainer/training_runner.h"
#include "trainer/xudit/xudit_task.h"

using namespace dw;

namespace {

inference::PredictRequest request() {
  inference::PredictRequest q{.xT = std::vector<float>(4 * 32 * 32),
                              .channels = 4,
                              .height = 32,
                              .width = 32,
                              .time = 0.3,
                              .terms = {0.8, 0.6}};
  for (std::size_t i = 0; i < q.xT.size(); ++i) q.xT[i] = std::sin(static_cast<float>(i));
  return q;
}

/// As the window does.
std::shared_ptr<const inference::Model> open(const std::filesystem::path& checkpoint, bool averaged) {
  const auto weights = averaged ? inference::WeightChoice::Averaged : inference::WeightChoice::Last;
  return inference::networks::openModel(checkpoint, {.weights = weights, .verify = false, .threads = 1});
}

/// Waits for the answer to a CopyWeights.
std::shared_ptr<const inference::Model> copyOf(trainer::TrainingRunner& runner, bool averaged) {
  runner.send(messages::CopyWeights{averaged});
  std::shared_ptr<const inference::Model> model;
  for (int i = 0; i < 3000 && !model; ++i) {
    QTest::qSleep(10);
    model = runner.takeWeights();
  }
  return model;
}

}  // namespace

/// One short real run, paused and saved: what is copied out of it is what its checkpoint holds.
class TestLiveCopies : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  trainer::TrainingRunner runner_{trainer::xudit::makeXuditTask};
  std::filesystem::path checkpoint_;
  std::int64_t step_ = 0;

  bool waitFor(messages::State state) {
    for (int i = 0; i < 6000 && runner_.state() != state && runner_.state() != messages::State::Failed; ++i)
      QTest::qSleep(10);
    return runner_.state() == state;
  }

 private Q_SLOTS:
  void initTestCase() {
    trainer::FreshRun request;
    request.recipe = config::builtinRecipe("quick");
    request.recipe.train.steps = 1'000'000;
    request.recipe.train.batch = 2;
    request.recipe.train.threads = 1;
    request.data = "demo";
    request.folder = folder_.filePath(QStringLiteral("run")).toStdString();
    QVERIFY(runner_.start(request));
    QVERIFY(waitFor(messages::State::Running));
    // The average is the weights themselves until the second update.
    std::array<messages::StepMetrics, 64> metrics;
    for (std::int64_t step = 0, i = 0; step < 3 && i < 3000; ++i) {
      QTest::qSleep(10);
      if (const auto count = runner_.drainMetrics(metrics); count > 0) step = metrics[count - 1].step;
    }
    runner_.send(messages::Pause{});
    QVERIFY(waitFor(messages::State::Paused));
    runner_.send(messages::SaveCheckpoint{});
    for (int i = 0; i < 3000 && checkpoint_.empty(); ++i) {
      QTest::qSleep(10);
      for (const auto& event : runner_.drainEvents()) {
        if (const auto* saved = std::get_if<messages::CheckpointSaved>(&event)) {
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
    const auto saved = open(checkpoint_, averaged);
    QCOMPARE(saved->facts().step, step_);
    const auto a = live->predict(request()), b = saved->predict(request());
    QCOMPARE(a.eps, b.eps);
    // x_t is put together again from what the model says.
    const auto q = request();
    for (std::size_t i = 0; i < q.xT.size(); i += 97)
      QVERIFY(std::abs(0.8F * a.x0[i] + 0.6F * a.eps[i] - q.xT[i]) < 1e-4F);
  }

  void weightsAndAverageDiffer() {
    QVERIFY(open(checkpoint_, false)->predict(request()).eps != open(checkpoint_, true)->predict(request()).eps);
  }

  void copiesDrawAsTheCheckpointDoes() {
    const auto live = copyOf(runner_, true), saved = open(checkpoint_, true);
    QVERIFY(live && saved);
    QCOMPARE(live->facts().height, 32);
    QCOMPARE(live->facts().classNames, saved->facts().classNames);
    const inference::SampleRequest request{
        .count = 2, .steps = 3, .labels = {}, .context = {}, .seed = 4, .threads = 1};
    const auto values = live->sample(request).value().values;
    QCOMPARE(values.size(), std::size_t{2 * 4 * 32 * 32});
    QCOMPARE(values, saved->sample(request).value().values);
    QCOMPARE(values, inference::networks::openModel(checkpoint_)->sample(request).value().values);
  }

  /// What nobody holds any more is taken for the next copy; what somebody holds is left alone.
  void memoryOfDroppedCopiesIsUsedAgain() {
    auto first = copyOf(runner_, false);
    const auto second = copyOf(runner_, false);
    QVERIFY(first && second && first != second);
    const auto* address = first.get();
    first.reset();
    const auto third = copyOf(runner_, true);
    QCOMPARE(third.get(), address);
    QVERIFY(third->facts().averaged && !second->facts().averaged);
  }

  void misfitsAreRefused() {
    const auto model = open(checkpoint_, false);
    auto q = request();
    q.channels = 3;
    QVERIFY_EXCEPTION_THROWN(model->predict(q), Error);
  }

  /// A checkpoint that somebody sent: a tensor that is missing must not stay as the dice threw it.
  void aCheckpointWithoutAllWeightsIsRefused() {
    const std::filesystem::path copy = folder_.filePath(QStringLiteral("sent")).toStdString();
    std::filesystem::create_directories(copy);
    for (const char* name : {"state.json", "model.safetensors"})
      std::filesystem::copy_file(checkpoint_ / name, copy / name);
    QVERIFY(open(copy, false));  // it stands alone
    std::filesystem::copy_file(checkpoint_ / "optimizer.safetensors", copy / "model.safetensors",
                               std::filesystem::copy_options::overwrite_existing);
    QVERIFY_EXCEPTION_THROWN(open(copy, false), Error);
  }

  void aCopyStaysWhileTrainingGoesOn() {
    const auto copy = copyOf(runner_, false);
    QVERIFY(copy);
    const auto before = copy->predict(request()).eps;
    runner_.send(messages::Resume{});
    QVERIFY(waitFor(messages::State::Running));
    std::shared_ptr<const inference::Model> later;
    for (int i = 0; i < 200 && (!later || later->facts().step <= step_); ++i) later = copyOf(runner_, false);
    QVERIFY(later && later->facts().step > step_);
    QCOMPARE(copy->predict(request()).eps, before);
    QVERIFY(later->predict(request()).eps != before);
  }
};

QTEST_APPLESS_MAIN(TestLiveCopies)
#include "tst_live_copies.moc"
