// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "../inference/fake_model.h"
#include "told.h"
#include "trainer/sample_schedule.h"

using namespace dw;
namespace fs = std::filesystem;
using messages::Warning;

namespace {

/// Draws only while it is let; given up at once when it is stopped.
class HeldModel : public test::FakeModel {
 public:
  std::optional<inference::SampleSet> sample(const inference::SampleRequest& request,
                                             const inference::EachSampleState& each,
                                             std::stop_token stop) const override {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !held_; })) return std::nullopt;
    }
    return FakeModel::sample(request, each, stop);
  }
  void hold(bool held) {
    {
      const std::lock_guard lock(mutex_);
      held_ = held;
    }
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  bool held_ = false;
};

}  // namespace

/// Which pictures of a run are drawn, with a model that draws when the test lets it.
class TestSampleSchedule : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path run_;
  std::shared_ptr<HeldModel> drawing_;
  std::unique_ptr<test::Told> told_;
  std::unique_ptr<trainer::SampleSchedule> schedule_;
  int copies_ = 0;

  trainer::SampleSchedule::CopyWeights copy() {
    return [this] {
      ++copies_;
      return drawing_;
    };
  }
  static trainer::SaveOutcome savedIn(const fs::path& folder) {
    return {.step = 5, .folder = folder, .seconds = 0.0, .failure = {}};
  }
  bool drawn(std::int64_t step) const { return fs::exists(trainer::samplePicture(run_ / "samples", step)); }
  /// Waits for what is being drawn; it is not the run's end.
  void waitUntilDrawn(std::int64_t step) { schedule_->finish(step, false, copy(), {}); }
  void begin(config::SampleSettings settings = {.count = 2, .steps = 2}) {
    schedule_ =
        std::make_unique<trainer::SampleSchedule>(settings, 1, run_ / "samples", run_ / "checkpoints", told_->reporter);
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }
  void init() {
    run_ = fs::path(home_.path().toStdString()) / std::to_string(++count_);
    fs::create_directories(run_ / "checkpoints");
    drawing_ = std::make_shared<HeldModel>();
    told_ = std::make_unique<test::Told>();
    copies_ = 0;
    begin();
    schedule_->restartAt(0);
  }
  void cleanup() { schedule_.reset(); }

  void everySoManyStepsAndAtTheEnd() {
    for (std::int64_t step = 1; step <= 11; ++step) {
      schedule_->stepDone(step, 5, step == 11, copy());
      waitUntilDrawn(step);
    }
    for (std::int64_t step = 1; step <= 11; ++step) QCOMPARE(drawn(step), step == 5 || step == 10 || step == 11);
    QCOMPARE(copies_, 3);
    QVERIFY(told_->all<Warning>().empty());
  }

  void noneAreWantedThenNotEvenAtTheEnd() {
    schedule_->stepDone(10, 0, true, copy());
    schedule_->finish(10, true, copy(), {});
    QCOMPARE(copies_, 0);
  }

  /// Training never waits for a picture; the last one is made up for at the end.
  void whatIsDueWhileOneIsDrawnIsPassedOver() {
    drawing_->hold(true);
    schedule_->stepDone(5, 5, false, copy());
    schedule_->stepDone(10, 5, true, copy());
    QCOMPARE(copies_, 1);
    drawing_->hold(false);
    schedule_->finish(10, true, copy(), {});
    QVERIFY(drawn(5) && drawn(10));
    QCOMPARE(copies_, 2);
  }

  void whatWasPassedOverEarlierIsNotMadeUpFor() {
    drawing_->hold(true);
    schedule_->stepDone(5, 5, false, copy());
    schedule_->stepDone(10, 5, false, copy());
    drawing_->hold(false);
    schedule_->finish(11, false, copy(), {});
    QVERIFY(drawn(5) && !drawn(10) && !drawn(11));
  }

  /// What was passed over counts until the next one is drawn.
  void theEndDrawsOnceOnly() {
    drawing_->hold(true);
    schedule_->stepDone(5, 5, false, copy());
    schedule_->stepDone(10, 5, false, copy());
    drawing_->hold(false);
    waitUntilDrawn(10);
    schedule_->stepDone(15, 5, true, copy());
    QCOMPARE(copies_, 2);
    schedule_->finish(15, true, copy(), {});
    QVERIFY(drawn(5) && !drawn(10) && drawn(15));
    QCOMPARE(copies_, 2);
  }

  void goingBackDropsLaterPictures() {
    for (const std::int64_t step : {5, 10}) {
      schedule_->stepDone(step, 5, false, copy());
      waitUntilDrawn(step);
    }
    drawing_->hold(true);
    schedule_->stepDone(15, 5, false, copy());
    schedule_->restartAt(7);
    drawing_->hold(false);
    QVERIFY(drawn(5) && !drawn(10) && !drawn(15));
    schedule_->stepDone(10, 5, false, copy());
    waitUntilDrawn(10);
    QVERIFY(drawn(10) && !drawn(15));
  }

  void aStopEndsTheWaiting() {
    drawing_->hold(true);
    schedule_->stepDone(5, 5, true, copy());
    std::stop_source stop;
    stop.request_stop();
    schedule_->finish(5, true, copy(), stop.get_token());
    schedule_->abandon();
    QVERIFY(!drawn(5));
    schedule_->abandon();  // there is nothing left
    schedule_->finish(5, true, copy(), {});
  }

  void aFailureIsToldOnce() {
    drawing_->fails = true;
    for (const std::int64_t step : {5, 10}) {
      schedule_->stepDone(step, 5, false, copy());
      waitUntilDrawn(step);
    }
    const auto warnings = told_->all<Warning>();
    QCOMPARE(warnings.size(), std::size_t{1});
    QVERIFY(warnings[0].sentence.starts_with("the samples of step 5 could not be drawn: "));
  }

  /// Training needs no second model.
  void noMemoryForACopy() {
    for (const std::int64_t step : {5, 10}) {
      schedule_->stepDone(step, 5, false, []() -> std::shared_ptr<const inference::Model> { throw std::bad_alloc(); });
    }
    QCOMPARE(told_->all<Warning>().size(), std::size_t{1});
    schedule_->stepDone(15, 5, false, [] { return nullptr; });  // a task without a model
    waitUntilDrawn(15);
    QVERIFY(!drawn(15));
    QCOMPARE(told_->all<Warning>().size(), std::size_t{1});
  }

  void previewsOfCheckpoints() {
    const auto folder = run_ / "checkpoints" / "step-0000005";
    fs::create_directories(folder);
    std::vector<inference::OpenOptions> asked;
    const auto open = [&](const fs::path& checkpoint, const inference::OpenOptions& options) {
      asked.push_back(options);
      return checkpoint == folder ? drawing_ : nullptr;
    };
    schedule_->checkpointSaved(savedIn(folder), open);
    waitUntilDrawn(5);
    QVERIFY(fs::exists(folder / "preview.png"));
    QCOMPARE(asked.size(), std::size_t{1});
    QVERIFY(asked[0].weights == inference::WeightChoice::AveragedIfKept);
    QVERIFY(!asked[0].verify && asked[0].threads == 1);  // read when it was saved; the processor is the trainer's
  }

  void previewsThatAreNotWanted() {
    const auto folder = run_ / "checkpoints" / "step-0000005";
    fs::create_directories(folder);
    const auto open = [&](const fs::path&, const inference::OpenOptions&) { return drawing_; };
    schedule_->checkpointSaved(savedIn(folder), {});  // checkpoints become no models
    waitUntilDrawn(5);
    begin({.previews = false});
    schedule_->checkpointSaved(savedIn(folder), open);  // before it has begun
    schedule_->restartAt(0);
    schedule_->checkpointSaved(savedIn(folder), open);
    waitUntilDrawn(5);
    QVERIFY(!fs::exists(folder / "preview.png"));
  }

  /// A checkpoint that was pruned before its picture was done is no news.
  void aPrunedCheckpointIsNoFailure() {
    const auto gone = run_ / "checkpoints" / "step-0000005";
    const auto fail = [](const fs::path&, const inference::OpenOptions&) -> std::shared_ptr<const inference::Model> {
      throw std::runtime_error("gone");
    };
    schedule_->checkpointSaved(savedIn(gone), fail);
    waitUntilDrawn(5);
    QVERIFY(told_->all<Warning>().empty());
    fs::create_directories(gone);
    schedule_->checkpointSaved(savedIn(gone), fail);
    waitUntilDrawn(5);
    QCOMPARE(told_->all<Warning>().size(), std::size_t{1});
  }
};

QTEST_GUILESS_MAIN(TestSampleSchedule)
#include "tst_sample_schedule.moc"
