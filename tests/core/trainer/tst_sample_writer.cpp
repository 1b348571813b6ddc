// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <fstream>

#include "../../support/small_data.h"
#include "fake_task.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/run_folder.h"
#include "trainer/sample_writer.h"
#include "trainer/training_runner.h"

using namespace dw;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Kind = trainer::SampleWriter::Kind;

namespace {

/// A fake task whose weights and checkpoints can draw.
class DrawingTask : public test::FakeTask {
 public:
  DrawingTask(trainer::TaskRequest request, std::shared_ptr<test::FakeModel> drawing, fs::path waitsFor)
      : FakeTask(std::move(request), slow()), drawing_(std::move(drawing)), waitsFor_(std::move(waitsFor)) {}
  messages::StepMetrics step(const config::LiveSettings& live) override {
    // A picture that is due while another one is drawn is passed over; a test that counts them must not depend on who is faster.
    const bool due = live.sampleEvery > 0 && step_ > 0 && step_ % live.sampleEvery == 0;
    for (int i = 0;
         due && !waitsFor_.empty() && i < 30'000 && !fs::exists(trainer::samplePicture(waitsFor_ / "samples", step_));
         ++i)
      std::this_thread::sleep_for(1ms);
    auto metrics = FakeTask::step(live);
    step_ = metrics.step;
    return metrics;
  }
  std::shared_ptr<const inference::Model> copyWeights(bool) override { return drawing_; }
  inference::ModelOpener checkpointOpener() const override {
    return [drawing = drawing_](const fs::path&, const inference::OpenOptions&) { return drawing; };
  }

 private:
  static test::FakePlan slow() {
    test::FakePlan plan;
    plan.stepTime = 2ms;
    return plan;
  }
  std::shared_ptr<test::FakeModel> drawing_;
  fs::path waitsFor_;  ///< the run whose pictures are waited for
  std::int64_t step_ = 0;
};

/// Somebody stops it while it makes its last step.
class StoppedTask : public DrawingTask {
 public:
  StoppedTask(trainer::TaskRequest request, std::shared_ptr<test::FakeModel> drawing, std::function<void()> stop)
      : DrawingTask(request, std::move(drawing), {}), last_(request.recipe.train.steps), stop_(std::move(stop)) {}
  messages::StepMetrics step(const config::LiveSettings& live) override {
    auto metrics = DrawingTask::step(live);
    if (metrics.step == last_) stop_();
    return metrics;
  }

 private:
  std::int64_t last_;
  std::function<void()> stop_;
};

std::vector<std::int64_t> picturesIn(const fs::path& run) {
  std::vector<std::int64_t> steps;
  for (std::int64_t step = 0; step <= 1000; ++step) {
    if (fs::exists(trainer::samplePicture(run / "samples", step))) steps.push_back(step);
  }
  return steps;
}

}  // namespace

/// Samples that a run draws while it trains. Runs under TSan.
class TestSampleWriter : public QObject {
  Q_OBJECT

  static constexpr auto kLimit = 60s;
  QTemporaryDir home_;
  int count_ = 0;

  fs::path fresh() { return fs::path(home_.path().toStdString()) / ("run" + std::to_string(++count_)); }
  trainer::FreshRun request(std::int64_t steps, std::int64_t every) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = steps;
    recipe.sample = {.every = every, .count = 3, .steps = 2, .previews = true};
    recipe.checkpoint = {.everyMinutes = 0, .every = 0, .keep = 9};
    return {.recipe = recipe, .data = test::smallData(home_.path().toStdString()), .folder = fresh()};
  }
  static trainer::TaskFactory tasks(const std::shared_ptr<test::FakeModel>& drawing, const fs::path& waitsFor = {}) {
    return [drawing, waitsFor](trainer::TaskRequest request) {
      return std::make_unique<DrawingTask>(std::move(request), drawing, waitsFor);
    };
  }
  trainer::SampleWriter::Job job(Kind kind, const fs::path& picture, std::shared_ptr<test::FakeModel> drawing) {
    return {.kind = kind, .step = 5, .model = [drawing] { return drawing; }, .picture = picture};
  }

 private Q_SLOTS:
  void stripIsARowAndPreviewASquare() {
    const auto drawing = std::make_shared<test::FakeModel>();
    trainer::SampleWriter writer({.every = 1, .count = 6, .steps = 3, .previews = true}, 0);
    const auto strip = fresh() / "samples" / "step-0000005.png";
    writer.begin(job(Kind::Strip, strip, drawing));
    writer.wait(kLimit);
    const auto preview = strip.parent_path() / "preview.png";
    writer.begin(job(Kind::Preview, preview, drawing));
    writer.wait(kLimit);
    QVERIFY(!writer.busy());
    QCOMPARE(drawing->calls.load(), 6);
    QCOMPARE(drawing->lastThreads.load(), 1);
    QVERIFY(!writer.takeFailure());
    const auto sizeOf = [](const fs::path& png) {  // IHDR of a PNG: width and height, big-endian, from byte 16 on
      std::ifstream file(png, std::ios::binary);
      unsigned char head[24] = {};
      file.read(reinterpret_cast<char*>(head), sizeof head);
      return std::pair{head[18] * 256 + head[19], head[22] * 256 + head[23]};
    };
    QVERIFY(sizeOf(strip).first > 5 * sizeOf(strip).second);
    QCOMPARE(sizeOf(preview).first, sizeOf(preview).second);
  }

  void oneOfAKindWaits() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->stepTime = 50ms;
    trainer::SampleWriter writer({.every = 1, .count = 1, .steps = 3, .previews = true}, 0);
    const auto folder = fresh() / "samples";
    writer.begin(job(Kind::Strip, folder / "a.png", drawing));
    QVERIFY(writer.busy(Kind::Strip) && !writer.busy(Kind::Preview));
    writer.begin(job(Kind::Preview, folder / "b.png", drawing));
    QVERIFY(writer.busy(Kind::Preview));
    writer.wait(kLimit);
    QVERIFY(fs::exists(folder / "a.png") && fs::exists(folder / "b.png"));
  }

  void failureIsKeptAndTheNextIsDrawn() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->fails = true;
    trainer::SampleWriter writer({.every = 1, .count = 1, .steps = 1, .previews = true}, 0);
    const auto folder = fresh() / "samples";
    writer.begin(job(Kind::Strip, folder / "a.png", drawing));
    writer.wait(kLimit);
    const auto failure = writer.takeFailure();
    QVERIFY(failure && failure->step == 5 && failure->picture == folder / "a.png");
    QVERIFY(!writer.takeFailure());
    drawing->fails = false;
    writer.begin(job(Kind::Strip, folder / "a.png", drawing));
    writer.wait(kLimit);
    QVERIFY(fs::exists(folder / "a.png"));
  }

  void anUnfinishedPictureIsGivenUp() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->stepTime = 20ms;
    const auto picture = fresh() / "samples" / "a.png";
    {
      trainer::SampleWriter writer({.every = 1, .count = 1, .steps = 100'000, .previews = true}, 0);
      writer.begin(job(Kind::Strip, picture, drawing));
      while (drawing->calls < 2) std::this_thread::sleep_for(1ms);
    }
    QVERIFY(drawing->calls < 1000);
    QVERIFY(!fs::exists(picture));
  }

  void aRunDrawsWhereTheRecipeSaysAndAtItsEnd() {
    const auto drawing = std::make_shared<test::FakeModel>();
    auto wanted = request(250, 100);
    trainer::TrainingRunner runner(tasks(drawing, wanted.folder));
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(picturesIn(wanted.folder), (std::vector<std::int64_t>{100, 200, 250}));
    const auto saved = run_folder::CheckpointStore(wanted.folder / "checkpoints").list();
    QCOMPARE(saved.size(), std::size_t{1});
    QVERIFY(saved[0].preview);
    run_folder::verify(saved[0].folder);  // the picture came after the hashes
  }

  /// Those before are still being drawn when the last step is done.
  void theLastStepIsDrawnAllTheSame() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->stepTime = 200ms;
    auto wanted = request(15, 10);
    wanted.recipe.sample.previews = false;
    trainer::TrainingRunner runner(tasks(drawing));
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(picturesIn(wanted.folder), (std::vector<std::int64_t>{10, 15}));
  }

  /// A run that is stopped does not wait for the picture in hand, and leaves nothing of it behind.
  void aStopGivesUpWhatIsBeingDrawn() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->stepTime = 50ms;
    auto wanted = request(1'000'000, 10);
    wanted.recipe.sample.steps = 30;  // 1.5 s for a picture: it would be drawn within what a finished run waits
    trainer::TrainingRunner runner(tasks(drawing));
    QVERIFY(runner.start(wanted));
    QTRY_VERIFY_WITH_TIMEOUT(drawing->calls > 0, 30'000);
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    QCOMPARE(runner.state(), messages::State::Finished);
    QVERIFY(drawing->calls < 30);
    QVERIFY(!fs::exists(wanted.folder / "samples"));
    const auto saved = run_folder::CheckpointStore(wanted.folder / "checkpoints").list();
    QCOMPARE(saved.size(), std::size_t{1});
    QVERIFY(!saved[0].preview);
  }

  /// All of its steps are made: a stop that comes with the last one takes nothing away.
  void aStopAtTheEndLeavesTheLastPictures() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->stepTime = 100ms;
    auto wanted = request(15, 10);
    wanted.recipe.sample.previews = false;
    std::optional<trainer::TrainingRunner> runner;
    runner.emplace([&](trainer::TaskRequest asked) {
      return std::make_unique<StoppedTask>(std::move(asked), drawing, [&] { runner->send(messages::Stop{}); });
    });
    QVERIFY(runner->start(wanted));
    QVERIFY(runner->waitFinished(kLimit));
    QCOMPARE(runner->state(), messages::State::Finished);
    QCOMPARE(picturesIn(wanted.folder), (std::vector<std::int64_t>{10, 15}));
  }

  /// What waits behind the picture in hand is not begun any more.
  void nothingIsBegunAfterTheEnd() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->stepTime = 20ms;
    const auto folder = fresh() / "samples";
    int calls = 0;
    {
      trainer::SampleWriter writer({.every = 1, .count = 1, .steps = 100'000, .previews = true}, 0);
      writer.begin(job(Kind::Strip, folder / "a.png", drawing));
      auto second = job(Kind::Preview, folder / "b.png", drawing);
      second.model = [&calls]() -> std::shared_ptr<const inference::Model> {
        ++calls;
        return nullptr;
      };
      writer.begin(std::move(second));
      while (drawing->calls < 1) std::this_thread::sleep_for(1ms);
    }
    QCOMPARE(calls, 0);
  }

  void noPreviewWhereNoneIsWanted() {
    auto wanted = request(20, 0);
    wanted.recipe.sample.previews = false;
    trainer::TrainingRunner runner(tasks(std::make_shared<test::FakeModel>()));
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    QVERIFY(!run_folder::CheckpointStore(wanted.folder / "checkpoints").list()[0].preview);
    QVERIFY(!fs::exists(wanted.folder / "samples"));
  }

  void periodChangesWhileItTrains() {
    auto wanted = request(1'000'000, 0);
    trainer::TrainingRunner runner(tasks(std::make_shared<test::FakeModel>()));
    QVERIFY(runner.start(wanted));
    QTRY_COMPARE_WITH_TIMEOUT(runner.state(), messages::State::Running, 30'000);
    QVERIFY(picturesIn(wanted.folder).empty());
    runner.send(messages::Change{config::LiveField::SampleEvery, 10.0});
    QTRY_VERIFY_WITH_TIMEOUT(picturesIn(wanted.folder).size() >= 2, 30'000);
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(kLimit));
    for (const auto step : picturesIn(wanted.folder)) QCOMPARE(step % 10, 0);
  }

  void aFailureIsToldOnceAndTrainingGoesOn() {
    const auto drawing = std::make_shared<test::FakeModel>();
    drawing->fails = true;
    auto wanted = request(100, 10);
    trainer::TrainingRunner runner(tasks(drawing));
    QVERIFY(runner.start(wanted));
    QVERIFY(runner.waitFinished(kLimit));
    int told = 0;
    for (const auto& event : runner.drainEvents()) {
      if (const auto* warning = std::get_if<messages::Warning>(&event))
        told += warning->sentence.find("could not be drawn") != std::string::npos ? 1 : 0;
    }
    QCOMPARE(told, 1);
    QCOMPARE(runner.state(), messages::State::Finished);
  }

  void picturesOfAnAbandonedFutureGo() {
    const auto folder = fresh() / "samples";
    fs::create_directories(folder);
    for (const auto* name : {"step-0000010.png", "step-0000020.png", "step-0000030.png", "step-x.png", "mine.png"})
      std::ofstream(folder / name) << "picture";
    trainer::dropSamplesBeyond(folder, 20);
    QVERIFY(fs::exists(folder / "step-0000020.png") && !fs::exists(folder / "step-0000030.png"));
    QVERIFY(fs::exists(folder / "step-x.png") && fs::exists(folder / "mine.png"));
    trainer::dropSamplesBeyond(folder / "nowhere", 0);
  }
};

QTEST_GUILESS_MAIN(TestSampleWriter)
#include "tst_sample_writer.moc"
