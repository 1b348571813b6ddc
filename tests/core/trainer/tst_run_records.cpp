// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cerrno>

#include "../../support/disk_faults.h"
#include "run_folder/measurement_files.h"
#include "trainer/run_records.h"

using namespace dw;
namespace fs = std::filesystem;

/// What the files of a run say after it went back to an earlier step.
class TestRunRecords : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;

  fs::path freshFolder() {
    const auto folder = fs::path(home_.path().toStdString()) / std::to_string(++count_);
    fs::create_directories(folder);
    return folder;
  }

  /// Every fifth step is validated, every tenth has an update ratio.
  static void train(trainer::RunRecords& records, std::int64_t from, std::int64_t to, double loss) {
    for (auto step = from; step <= to; ++step) {
      messages::StepMetrics m;
      m.step = step;
      m.loss = loss;
      if (step % 10 == 0) m.updateRatio = loss;
      records.append(m);
      if (step % 5 == 0) records.append(messages::ValidationPoint{.step = step, .loss = loss});
    }
  }

  static void goBack(trainer::RunRecords& records, std::int64_t from, std::int64_t to) {
    records.append(messages::Event(messages::WentBack{.from = from, .to = to, .checkpoint = {}}));
  }

  struct Found {
    std::vector<std::int64_t> validated, updated;
    std::int64_t last = 0;
    double lastLoss = 0.0;
    std::size_t steps = 0;

    explicit Found(const fs::path& folder) {
      for (const auto& point : run_folder::readValidation(folder)) validated.push_back(point.step);
      for (const auto& update : run_folder::readUpdateRatios(folder)) updated.push_back(update.step);
      const auto metrics = run_folder::readMetrics(folder / "metrics.bin");
      steps = metrics.size();
      if (metrics.empty()) return;
      last = metrics.back().step;
      lastLoss = metrics.back().loss;
    }
  };
  using Steps = std::vector<std::int64_t>;

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void goingBackAbandonsAtOnce() {
    const auto folder = freshFolder();
    trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl");
    train(records, 1, 33, 0.5);
    goBack(records, 33, 12);
    const Found back(folder);
    QCOMPARE(back.validated, (Steps{5, 10}));
    QCOMPARE(back.updated, Steps{10});
    QCOMPARE(back.last, 12);
    QCOMPARE(back.steps, std::size_t{12});
    train(records, 13, 17, 0.25);
    const Found again(folder);
    QCOMPARE(again.validated, (Steps{5, 10, 15}));
    QCOMPARE(run_folder::readValidation(folder).back().loss, 0.25);
    QCOMPARE(again.updated, Steps{10});
    QCOMPARE(again.last, 17);
    QCOMPARE(again.lastLoss, 0.25);
    goBack(records, 17, 9);  // before where it went first
    QCOMPARE(Found(folder).validated, Steps{5});
    QVERIFY(Found(folder).updated.empty());
    QCOMPARE(Found(folder).last, 9);
    QCOMPARE(Found(folder).lastLoss, 0.5);
  }

  /// A run that is resumed later counts on from there.
  void theNextProgramFindsItSo() {
    const auto folder = freshFolder();
    {
      trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl");
      train(records, 1, 33, 0.5);
      goBack(records, 33, 12);
    }
    {
      trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl", 12);
      train(records, 13, 16, 0.25);
      goBack(records, 16, 14);
      train(records, 15, 21, 0.125);
    }
    const Found found(folder);
    QCOMPARE(found.validated, (Steps{5, 10, 15, 20}));
    QCOMPARE(found.updated, (Steps{10, 20}));
    QCOMPARE(found.steps, std::size_t{21});
    const auto metrics = run_folder::readMetrics(folder / "metrics.bin");
    for (std::size_t i = 0; i < metrics.size(); ++i) QCOMPARE(metrics[i].loss, i < 12 ? 0.5 : i < 14 ? 0.25 : 0.125);
  }

  void whatWasNeverMeasuredHasNoFile() {
    const auto folder = freshFolder();
    trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl");
    train(records, 1, 4, 0.5);
    goBack(records, 4, 2);
    QVERIFY(!fs::exists(folder / run_folder::kValidationFile) && !fs::exists(folder / run_folder::kUpdatesFile));
    QCOMPARE(Found(folder).last, 2);
  }

  /// While the disk refuses, all of it waits in memory in its order.
  void aDiskThatRefusesChangesNothing() {
    const auto folder = freshFolder();
    trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl");
    train(records, 1, 7, 0.5);
    {
      test::FailingDisk disk(0, ENOSPC, true);
      const test::HookInPlace hook(disk);
      train(records, 8, 33, 0.5);
      goBack(records, 33, 22);
      train(records, 23, 26, 0.25);
      QVERIFY(!records.flush());
    }
    QVERIFY(records.flush());
    const Found found(folder);
    QCOMPARE(found.validated, (Steps{5, 10, 15, 20, 25}));
    QCOMPARE(found.updated, (Steps{10, 20}));
    QCOMPARE(found.steps, std::size_t{26});
    QCOMPARE(found.lastLoss, 0.25);
  }

  void theRecordOfAStepIsFound() {
    const auto folder = freshFolder();
    {
      trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl");
      train(records, 1, 3000, 0.5);
      goBack(records, 3000, 1500);
      train(records, 1501, 1600, 0.25);
    }
    const ReadFile file(folder / "metrics.bin");
    QCOMPARE(run_folder::readMetricsOf(file, 1550)->loss, 0.25);
    QCOMPARE(run_folder::readMetricsOf(file, 1)->loss, 0.5);
    QVERIFY(!run_folder::readMetricsOf(file, 3001));
  }
};

QTEST_APPLESS_MAIN(TestRunRecords)
#include "tst_run_records.moc"
