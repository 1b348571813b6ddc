// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <latch>

#include "base/error.h"
#include "fake_task.h"
#include "run_folder/checkpoint_store.h"
#include "told.h"
#include "trainer/checkpoint_saver.h"

using namespace dw;
namespace fs = std::filesystem;
using messages::Warning;
using trainer::CheckpointSaver;
using Names = std::vector<std::string>;

/// What comes of the saves of a run: what is written, who is told what and when.
class TestCheckpointSaver : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path run_;
  std::unique_ptr<test::Told> told_;
  std::unique_ptr<CheckpointSaver> saver_;
  std::function<void()> beforeSave_;  ///< on the thread that writes
  std::vector<bool> planned_;         ///< of each copy that was taken
  std::vector<std::int64_t> saved_;

  CheckpointSaver::Take take(CheckpointSaver::Point point) {
    return [this, point](bool planned) {
      planned_.push_back(planned);
      return CheckpointSaver::Content{.point = point,
                                      .snapshot = std::make_shared<test::FakeSnapshot>(point.step, 0.5, beforeSave_),
                                      .facts = {{"smoothed_loss", 0.5}}};
    };
  }
  static trainer::CommandRequest save(const char* by = "user") { return {messages::SaveCheckpoint{}, by}; }
  std::vector<std::int64_t> onDisk() const {
    std::vector<std::int64_t> steps;
    for (const auto& info : run_folder::CheckpointStore(run_ / "checkpoints").list()) steps.push_back(info.step);
    return steps;
  }
  using Steps = std::vector<std::int64_t>;

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }
  void init() {
    run_ = fs::path(home_.path().toStdString()) / std::to_string(++count_);
    fs::create_directories(run_ / "checkpoints");
    told_ = std::make_unique<test::Told>();
    told_->reporter.openFiles(run_ / "metrics.bin", run_ / "log.jsonl", 0);
    beforeSave_ = {};
    planned_.clear();
    saved_.clear();
    saver_ = std::make_unique<CheckpointSaver>(
        config::CheckpointSettings{.everyMinutes = 0.0, .every = 10}, run_ / "checkpoints", nlohmann::json::object(),
        told_->reporter, [this](const trainer::SaveOutcome& outcome) { saved_.push_back(outcome.step); });
  }
  void cleanup() { saver_.reset(); }

  /// Whoever asked is told when it is on the disk, not sooner.
  void askedFor() {
    std::latch write(1);
    beforeSave_ = [&] { write.wait(); };
    QVERIFY(!saver_->ask(save("ann"), {3, 0}));
    saver_->saveIfWanted({3, 0}, take({3, 0}));
    QVERIFY(saver_->busy());
    saver_->saveIfWanted({4, 0}, take({4, 0}));
    QVERIFY(told_->answers().empty());
    write.count_down();
    saver_->finish();
    QCOMPARE(told_->answers(), Names{"applied save"});
    QCOMPARE(told_->all<messages::CommandApplied>().back().by, std::string("ann"));
    QCOMPARE(told_->all<messages::CommandApplied>().back().step, std::int64_t{3});
    QVERIFY(std::holds_alternative<messages::CheckpointSaved>(told_->heard.front()));
    QCOMPARE(onDisk(), Steps{3});
    QCOMPARE(saved_, Steps{3});
    QCOMPARE(planned_, std::vector<bool>{false});
    QVERIFY(saver_->ask(save(), {3, 0}).has_value());  // it stands there already
    QVERIFY(!saver_->ask(save(), {3, 1}));             // with other settings it does not
  }

  void byTheRecipe() {
    saver_->schedule().stepDone(9, {});
    saver_->saveIfWanted({9, 0}, take({9, 0}));
    QVERIFY(!saver_->busy() && planned_.empty());
    saver_->schedule().stepDone(10, {});
    saver_->saveIfWanted({10, 0}, take({10, 0}));
    saver_->finish();
    QCOMPARE(planned_, std::vector<bool>{true});
    QCOMPARE(onDisk(), Steps{10});
    QVERIFY(told_->answers().empty());
  }

  void theEndSavesUnlessItIsSaved() {
    saver_->ask(save("ann"), {7, 0});
    saver_->saveAndWait({7, 0}, take({7, 0}));
    QCOMPARE(onDisk(), Steps{7});
    QCOMPARE(told_->answers(), Names{"applied save"});
    saver_->saveAndWait({7, 0}, take({7, 0}));
    QCOMPARE(planned_.size(), std::size_t{1});
    saver_->saveAndWait({7, 1}, take({7, 1}));  // other settings
    QCOMPARE(planned_.size(), std::size_t{2});
  }

  void aFailureIsToldOnceAndWhoeverAskedHears() {
    beforeSave_ = [] { throw Error(ErrorKind::DiskFull, "the disk is full", "free some space"); };
    saver_->schedule().makeDue();
    saver_->ask(save(), {3, 0});
    saver_->saveIfWanted({3, 0}, take({3, 0}));
    saver_->finish();
    QCOMPARE(told_->answers(), Names{"refused save"});
    const auto warnings = told_->all<Warning>();
    QCOMPARE(warnings.size(), std::size_t{1});
    QCOMPARE(warnings[0].sentence, std::string("the checkpoint of step 3 could not be saved: the disk is full"));
    QVERIFY(warnings[0].remedy.starts_with("free some space; "));
    saver_->schedule().makeDue();
    saver_->saveIfWanted({4, 0}, take({4, 0}));
    saver_->finish();
    QCOMPARE(told_->all<Warning>().size(), std::size_t{1});
    QVERIFY(onDisk().empty() && saved_.empty());
  }

  void theEndThrowsWhatTheSaveThrew() {
    beforeSave_ = [] { throw Error(ErrorKind::DiskFull, "the disk is full", "free some space"); };
    saver_->ask(save("ann"), {3, 0});
    QVERIFY_THROWS_EXCEPTION(Error, saver_->saveAndWait({3, 0}, take({3, 0})));
    saver_->refuseAll(3, "it failed", "go on from another one");
    QCOMPARE(told_->answers(), Names{"refused save"});
  }

  void noMemoryToBegin() {
    saver_->ask(save(), {3, 0});
    QVERIFY_THROWS_EXCEPTION(
        std::bad_alloc, saver_->saveIfWanted({3, 0}, [](bool) -> CheckpointSaver::Content { throw std::bad_alloc(); }));
    saver_->giveUpBeginning({3, 0}, "it was not made");
    QCOMPARE(told_->answers(), Names{"refused save"});
    QCOMPARE(told_->all<messages::CommandRefused>()[0].sentence, std::string("it was not made for lack of memory"));
  }

  void goingBack() {
    saver_->saveAndWait({5, 1}, take({5, 1}));
    saver_->ask(save(), {8, 2});
    saver_->wentBack({8, 2}, {5, 1});
    QCOMPARE(told_->answers(), Names{"refused save"});
    QVERIFY(told_->all<messages::CommandRefused>()[0].sentence.find("step 8") != std::string::npos);
    QVERIFY(saver_->ask(save(), {5, 1}).has_value());
  }

  /// Asked for while another one of the same point is being written: that one will do.
  void oneSaveAnswersBoth() {
    std::latch write(1);
    beforeSave_ = [&] { write.wait(); };
    saver_->ask(save("ann"), {3, 0});
    saver_->saveIfWanted({3, 0}, take({3, 0}));
    saver_->ask(save("bob"), {3, 0});
    write.count_down();
    saver_->finish();
    saver_->saveIfWanted({3, 0}, take({3, 0}));
    QCOMPARE(told_->answers(), (Names{"applied save", "applied save"}));
    QCOMPARE(planned_.size(), std::size_t{1});
  }
};

QTEST_GUILESS_MAIN(TestCheckpointSaver)
#include "tst_checkpoint_saver.moc"
