// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "../../support/disk_faults.h"
#include "base/disk_hook.h"
#include "run_folder/measurement_files.h"
#include "run_folder/metrics_file.h"
#include "told.h"

using namespace dw;
namespace fs = std::filesystem;
using messages::State;
using messages::Warning;

/// What goes into the files of a run, what to listeners, and in which order.
class TestReporter : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;

  fs::path freshFolder() {
    const auto folder = fs::path(home_.path().toStdString()) / std::to_string(++count_);
    fs::create_directories(folder);
    return folder;
  }
  static void open(test::Told& told, const fs::path& folder, std::int64_t first = 0) {
    told.reporter.openFiles(folder / "metrics.bin", folder / "log.jsonl", first);
  }
  /// Lines after the one that says the format.
  static std::vector<std::string> linesOf(const fs::path& folder) {
    std::vector<std::string> lines;
    std::ifstream log(folder / "log.jsonl");
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    if (!lines.empty()) lines.erase(lines.begin());
    return lines;
  }
  static bool holds(const std::string& line, const std::string& part) { return line.find(part) != std::string::npos; }
  static messages::StepMetrics metricsOf(std::int64_t step) {
    messages::StepMetrics metrics;
    metrics.step = step;
    return metrics;
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  /// Whoever hears of something finds it in the log: nothing is told before the log is written.
  void filesBeforeListeners() {
    struct Watch : DiskHook {
      explicit Watch(test::Told& listened) : told(listened) {}
      int before(DiskAction, const fs::path&, const fs::path&) override { return 0; }
      void after(DiskAction action, const fs::path& path, const fs::path&) override {
        if (action != DiskAction::Write || path.filename() != "log.jsonl") return;
        ++lines;
        toldBefore += told.events.drain().size();
      }
      test::Told& told;
      int lines = 0;
      std::size_t toldBefore = 0;
    };
    const auto folder = freshFolder();
    test::Told told;
    open(told, folder);
    Watch watch(told);
    const test::HookInPlace placed(watch);
    told.reporter.report(Warning{"a", ""});
    QCOMPARE(told.all<Warning>().size(), std::size_t{1});
    told.reporter.answer(trainer::applied({messages::SaveCheckpoint{}}, 1));
    QCOMPARE(told.answers().size(), std::size_t{1});
    told.reporter.enter(State::Preparing);
    QCOMPARE(told.all<messages::StateChanged>().size(), std::size_t{1});
    QCOMPARE(watch.lines, 3);
    QCOMPARE(watch.toldBefore, std::size_t{0});
  }

  void whatWasToldBeforeTheFilesGoesIntoThemFirst() {
    const auto folder = freshFolder();
    test::Told told;
    told.reporter.report(Warning{"first", ""});
    told.reporter.answer(trainer::refused({messages::StepOnce{}}, 0, "second", ""));
    told.reporter.answer(std::nullopt);
    QCOMPARE(told.all<Warning>().size(), std::size_t{1});  // told at once
    QVERIFY(!fs::exists(folder / "log.jsonl"));
    open(told, folder);
    told.reporter.report(Warning{"third", ""});
    const auto lines = linesOf(folder);
    QCOMPARE(lines.size(), std::size_t{3});
    QVERIFY(holds(lines[0], "first") && holds(lines[1], "second") && holds(lines[2], "third"));
  }

  void progressIsToldAtHundredths() {
    test::Told told;
    for (int i = 0; i <= 10'000; ++i) told.reporter.progress("reading", i / 10'000.0);
    const auto all = told.all<messages::Progress>();
    QVERIFY2(all.size() >= 90 && all.size() <= 102, std::to_string(all.size()).c_str());
    QCOMPARE(all.front().fraction, 0.0);
    told.reporter.progress("building", 1.0);  // another activity: at once
    told.reporter.progress("building", 1.0);
    QCOMPARE(told.all<messages::Progress>().size(), all.size() + 1);
  }

  void measurementsAndProgressAreNotLogged() {
    const auto folder = freshFolder();
    test::Told told;
    open(told, folder);
    told.reporter.progress("reading", 0.5);
    told.reporter.validated({.step = 3, .loss = 0.25});
    told.reporter.closeFiles();
    QVERIFY(linesOf(folder).empty());
    QCOMPARE(told.all<messages::Validated>().size(), std::size_t{1});
    const auto points = run_folder::readValidation(folder);
    QCOMPARE(points.size(), std::size_t{1});
    QCOMPARE(points[0].loss, 0.25);
  }

  void theLastLineIsForTheFilesAlone() {
    const auto folder = freshFolder();
    test::Told told;
    told.reporter.lastLine(Warning{"no files yet", ""});
    open(told, folder);
    told.reporter.lastLine(Warning{"the end", ""});
    told.reporter.closeFiles();
    told.reporter.lastLine(Warning{"no files any more", ""});
    QVERIFY(told.all<Warning>().empty());
    const auto lines = linesOf(folder);
    QCOMPARE(lines.size(), std::size_t{1});
    QVERIFY(holds(lines[0], "the end"));
    told.reporter.report(Warning{"after the end", ""});
    QCOMPARE(told.all<Warning>().size(), std::size_t{1});
    QCOMPARE(linesOf(folder).size(), std::size_t{1});
  }

  /// Nobody empties the ring: the file has every step all the same.
  void aFullRing() {
    const auto folder = freshFolder();
    test::Told told;
    open(told, folder);
    constexpr std::int64_t kMore = 17'000;
    for (std::int64_t step = 1; step <= kMore; ++step) told.reporter.step(metricsOf(step));
    QCOMPARE(told.reporter.stepsDone(), kMore);
    QVERIFY(told.metrics->dropped() > 0);
    told.reporter.closeFiles();
    const auto read = run_folder::readMetrics(folder / "metrics.bin");
    QCOMPARE(read.size(), static_cast<std::size_t>(kMore));
    QCOMPARE(read.back().step, kMore);
  }

  void statesAreToldAndLogged() {
    const auto folder = freshFolder();
    test::Told told;
    told.reporter.enter(State::Preparing);  // no files yet, and nothing worth a line
    open(told, folder);
    told.reporter.enter(State::Running);
    QCOMPARE(told.reporter.state(), State::Running);
    const auto changes = told.all<messages::StateChanged>();
    QCOMPARE(changes.size(), std::size_t{2});
    QVERIFY(changes[1].from == State::Preparing && changes[1].to == State::Running);
    const auto lines = linesOf(folder);
    QCOMPARE(lines.size(), std::size_t{1});
    QVERIFY(holds(lines[0], R"("to":"running")"));
  }

  void stepsDone() {
    const auto folder = freshFolder();
    test::Told told;
    QCOMPARE(told.reporter.stepsDone(), std::int64_t{0});
    told.reporter.startAt(5);
    QCOMPARE(told.reporter.stepsDone(), std::int64_t{5});
    open(told, folder, 6);
    QCOMPARE(told.reporter.stepsDone(), std::int64_t{6});
    told.reporter.step(metricsOf(7));
    QCOMPARE(told.reporter.stepsDone(), std::int64_t{7});
    told.reporter.report(messages::WentBack{.from = 7, .to = 6, .checkpoint = {}});
    QCOMPARE(told.reporter.stepsDone(), std::int64_t{6});
  }
};

QTEST_GUILESS_MAIN(TestReporter)
#include "tst_reporter.moc"
