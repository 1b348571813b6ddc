// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "../../support/small_data.h"
#include "base/error.h"
#include "control_task.h"
#include "fake_task.h"
#include "heard.h"
#include "run_folder/checkpoint_store.h"
#include "told.h"
#include "trainer/prepare_run.h"

using namespace dw;
namespace fs = std::filesystem;
using config::LiveField;
using trainer::prepareRun;

/// From each kind of request to a run before its first step, with tasks that have no model.
class TestPrepareRun : public QObject {
  Q_OBJECT

  static constexpr std::int64_t kTotal = 20;

  QTemporaryDir home_;
  int count_ = 0;
  std::string data_;
  fs::path parent_;      ///< a run of 20 steps, one change of the rate after the first
  fs::path checkpoint_;  ///< its last

  // Of the preparation under test:
  std::unique_ptr<test::Told> told_;
  trainer::CommandInbox inbox_;
  std::unique_ptr<run_folder::RunFolder> folder_;
  std::optional<trainer::TaskRequest> asked_;
  std::stop_source stop_;

  fs::path freshFolder() { return fs::path(home_.path().toStdString()) / ("run" + std::to_string(++count_)); }
  static config::Recipe recipe() {
    auto r = config::builtinRecipe("tiny");
    r.train.steps = kTotal;
    r.model.inputDim = 4;
    return r;
  }
  std::optional<trainer::PreparedRun> prepare(const trainer::RunRequest& request) {
    const trainer::TaskFactory factory = [this](const trainer::TaskRequest& wanted) {
      asked_ = wanted;
      return std::make_unique<test::ControlTask>(wanted, test::ControlPlan{});
    };
    return prepareRun(request, factory, told_->reporter, inbox_, stop_.get_token(), folder_);
  }
  messages::RunOpened opened() {
    const auto all = told_->all<messages::RunOpened>();
    return all.size() == 1 ? all[0] : messages::RunOpened{};
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    data_ = test::smallData(home_.path().toStdString());
    parent_ = freshFolder();
    trainer::TrainingRunner runner(test::controlTasks());
    QVERIFY(runner.start(trainer::FreshRun{.recipe = recipe(), .data = data_, .folder = parent_}));
    runner.send(messages::Pause{});
    test::Heard heard;
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == messages::State::Paused; }));
    for (const messages::Command& command : std::vector<messages::Command>{
             messages::StepOnce{}, messages::Change{LiveField::LearningRate, 0.25}, messages::Resume{}})
      runner.send(command);
    QVERIFY(runner.waitFinished(test::Heard::kLimit));
    const auto newest = run_folder::CheckpointStore(parent_ / "checkpoints").newestGood();
    QVERIFY(newest && newest->step == kTotal);
    checkpoint_ = newest->folder;
  }
  void init() {
    told_ = std::make_unique<test::Told>();
    inbox_.clear();
    folder_.reset();
    asked_.reset();
    stop_ = {};
  }

  void aFreshRun() {
    const auto folder = freshFolder();
    auto wanted = recipe();
    wanted.model.inputDim = 0;
    const auto run = prepare(trainer::FreshRun{.recipe = wanted, .data = data_, .folder = folder});
    QVERIFY(run && run->task && folder_);
    QCOMPARE(run->step, std::int64_t{0});
    QCOMPARE(run->recipe.model.inputDim, std::int64_t{4});
    QCOMPARE(run->recipe.train.threads, 1);
    QVERIFY(!run->saved && !run->saveAtOnce && run->script.commands.empty());
    QCOMPARE(opened().folder, folder);
    QCOMPARE(opened().totalSteps, kTotal);
    QVERIFY(asked_->checkpoint.empty() && asked_->weights.empty());
    QCOMPARE(run_folder::readDescription(folder).data, data_);
    QVERIFY(!run->description.empty());
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::RunFolder::open(folder));  // held
  }

  void fromWeights() {
    const auto folder = freshFolder();
    const auto run = prepare(trainer::FromWeights{.recipe = recipe(),
                                                  .data = data_,
                                                  .folder = folder,
                                                  .weights = "/somewhere/w.safetensors",
                                                  .ignoreExtras = true});
    QVERIFY(run && asked_->ignoreExtras);
    QCOMPARE(asked_->weights, fs::path("/somewhere/w.safetensors"));
    QCOMPARE(run_folder::readDescription(folder).origin,
             (nlohmann::json{{"weights", "/somewhere/w.safetensors"}, {"ignore_extras", true}}));
    QVERIFY(!run->saveAtOnce && run->step == 0);
  }

  void aBranch() {
    const auto folder = freshFolder();
    auto wanted = recipe();
    wanted.train.steps = 50;
    const auto run =
        prepare(trainer::Branch{.recipe = wanted, .data = {}, .folder = folder, .checkpoint = checkpoint_});
    QVERIFY(run && run->saveAtOnce && !run->saved);
    QCOMPARE(run->step, kTotal);
    QCOMPARE(asked_->checkpoint, checkpoint_);
    QCOMPARE(run->control.settings().lr, 0.25);
    QCOMPARE(run->control.settings().totalSteps, std::int64_t{50});
    QCOMPARE(run->control.state().changes, std::int64_t{1});
    const auto description = run_folder::readDescription(folder);
    QCOMPARE(description.data, data_);
    QCOMPARE(description.origin, (nlohmann::json{{"run", parent_.string()}, {"step", kTotal}}));
    QCOMPARE(opened().firstStep, kTotal);
  }

  void aBranchWithAnotherModelIsRefused() {
    const auto folder = freshFolder();
    auto other = recipe();
    other.model.depth += 1;
    QVERIFY_THROWS_EXCEPTION(
        Error, prepare(trainer::Branch{.recipe = other, .data = {}, .folder = folder, .checkpoint = checkpoint_}));
    QVERIFY(!fs::exists(folder) && !folder_ && !asked_);
  }

  void aResume() {
    const auto run = prepare(trainer::ResumeRun{.run = parent_, .totalSteps = 30});
    QVERIFY(run && run->saved && !run->saveAtOnce);
    QCOMPARE(run->step, kTotal);
    QVERIFY((*run->saved == trainer::CheckpointSchedule::Point{kTotal, 2}));  // with the new total
    QCOMPARE(run->control.settings().lr, 0.25);
    QCOMPARE(run->control.settings().totalSteps, std::int64_t{30});
    QVERIFY(run->activeS > 0.0);
    QCOMPARE(told_->answers(), std::vector<std::string>{"applied total_steps"});
    QCOMPARE(told_->all<messages::CommandApplied>()[0].by, std::string("resume"));
    QCOMPARE(folder_->path(), parent_);
    QCOMPARE(run_folder::readDescription(parent_).recipe.train.steps, std::int64_t{30});
  }

  void aResumeBelowWhatIsDoneIsRefused() {
    QVERIFY_THROWS_EXCEPTION(Error, prepare(trainer::ResumeRun{.run = parent_, .totalSteps = kTotal - 1}));
    QCOMPARE(told_->reporter.stepsDone(), kTotal);  // the failure names the step
  }

  void aReplay() {
    const auto folder = freshFolder();
    const auto run = prepare(trainer::ReplayRun{.run = parent_, .folder = folder});
    QVERIFY(run && !run->saveAtOnce);
    QCOMPARE(run->step, std::int64_t{0});
    QCOMPARE(run->recipe.train.steps, kTotal);  // it began with
    QCOMPARE(run->script.lastStep, kTotal);
    QVERIFY(!run->script.commands.empty());
    QCOMPARE(std::get<messages::Change>(run->script.commands[0].command).value, 0.25);
    QCOMPARE(run->script.commands[0].step, std::int64_t{1});
    QCOMPARE(run_folder::readDescription(folder).origin.at("replay_of"), nlohmann::json(parent_.string()));
  }

  void everyCommandIsAnswered() {
    const std::vector<messages::Command> all{messages::Pause{},
                                             messages::Resume{},
                                             messages::SaveCheckpoint{},
                                             messages::StepOnce{},
                                             messages::Change{LiveField::LearningRate, 0.5},
                                             messages::Reshape{0.1, {.kind = config::LrKind::Linear, .end = 1e-3}},
                                             messages::Undo{},
                                             messages::Redo{},
                                             messages::HalveRate{},
                                             messages::SkipBatch{},
                                             messages::GoBack{},
                                             messages::CopyWeights{}};
    for (const auto& command : all) QVERIFY(inbox_.send({command, "ann"}));
    const auto run = prepare(trainer::FreshRun{.recipe = recipe(), .data = data_, .folder = freshFolder()});
    QVERIFY(run.has_value());
    QCOMPARE(told_->answers(),
             (std::vector<std::string>{"applied pause", "applied resume", "refused save", "refused step_once",
                                       "applied learning_rate", "applied reshape", "applied undo", "applied redo",
                                       "refused halve_rate", "refused skip_batch", "refused go_back",
                                       "refused copy_weights"}));
    for (const auto& refused : told_->all<messages::CommandRefused>()) {
      QCOMPARE(refused.by, std::string("ann"));
      QVERIFY(!refused.sentence.empty() && !refused.remedy.empty());
    }
    QVERIFY(!run->wishes.pause && !run->wishes.stop);
    QCOMPARE(run->control.state().changes, std::int64_t{4});
    QCOMPARE(opened().live.changes, std::int64_t{4});
  }

  void aPauseIsKeptInMind() {
    inbox_.send({messages::Pause{}});
    const auto run = prepare(trainer::FreshRun{.recipe = recipe(), .data = data_, .folder = freshFolder()});
    QVERIFY(run && run->wishes.pause);
  }

  /// By command, and by the end of the runner.
  void aStopLeavesNothing() {
    const auto folder = freshFolder();
    const trainer::FreshRun request{.recipe = recipe(), .data = data_, .folder = folder};
    inbox_.send({messages::Stop{}});
    QVERIFY(!prepare(request));
    QCOMPARE(told_->answers(), std::vector<std::string>{"applied stop"});
    QVERIFY(!fs::exists(folder) && !folder_ && !asked_);
    inbox_.clear();
    stop_.request_stop();
    QVERIFY(!prepare(request));
    QVERIFY(!fs::exists(folder) && !folder_ && !asked_);
  }

  void aTaskThatFailsLeavesNoFolder() {
    const auto folder = freshFolder();
    const trainer::TaskFactory factory = [](const trainer::TaskRequest&) -> std::unique_ptr<trainer::TrainingTask> {
      throw std::bad_alloc();
    };
    QVERIFY_THROWS_EXCEPTION(std::bad_alloc,
                             prepareRun(trainer::FreshRun{.recipe = recipe(), .data = data_, .folder = folder}, factory,
                                        told_->reporter, inbox_, {}, folder_));
    QVERIFY(folder_ != nullptr);  // it is let go when all files are closed
    folder_.reset();
    QVERIFY(!fs::exists(folder));
  }

  void nothingIsLeftToTrain() {
    const auto run =
        prepare(trainer::Branch{.recipe = recipe(), .data = {}, .folder = freshFolder(), .checkpoint = checkpoint_});
    QVERIFY(run.has_value());
    const auto warnings = told_->all<messages::Warning>();
    QVERIFY(!warnings.empty());
    QCOMPARE(warnings.back().sentence, std::string("this run has done all of its 20 steps, so nothing was trained"));
  }
};

QTEST_GUILESS_MAIN(TestPrepareRun)
#include "tst_prepare_run.moc"
