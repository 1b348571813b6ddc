// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "base/error.h"
#include "base/file_lock.h"
#include "base/folder.h"
#include "run_builder.h"
#include "run_folder/curve_summary.h"
#include "run_library/run_catalog.h"

using namespace dw;
using run_folder::RunState;
namespace fs = std::filesystem;

class TestRunCatalog : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path folder() { return fs::path(home_.path().toStdString()) / ("runs" + std::to_string(++count_)); }
  static QString stateOf(const fs::path& run) {
    return QString::fromLatin1(nameOf(run_library::readRunSummary(run).state));
  }

 private Q_SLOTS:
  void tellsWhatARunIs() {
    const auto runs = folder();
    test::makeRun(runs / "a", {.steps = 300, .planned = 300, .checkpoints = {100, 300}});
    run_library::RunCatalog catalog(runs);
    const auto all = catalog.list();
    QCOMPARE(all.size(), std::size_t{1});
    const auto& run = all[0];
    QCOMPARE(run.name, std::string("a"));
    QCOMPARE(nameOf(run.state), "finished");
    QVERIFY2(run.missing.empty(), run.missing.c_str());
    QCOMPARE(run.dataset, std::string("/data/latents.h5"));
    QCOMPARE(run.recipeName, std::string("quick"));
    QVERIFY(run.recipe.has_value());
    QCOMPARE(run.created, std::int64_t{1'700'000'000});
    QCOMPARE(run.stepsDone, std::int64_t{300});
    QCOMPARE(run.stepsPlanned, std::int64_t{300});
    QCOMPARE(*run.lastLoss, 1.0 + 1.0 / 300.0);
    QVERIFY(*run.smoothedLoss > 1.0 && *run.smoothedLoss < 1.2);
    QCOMPARE(run.bestStep, std::int64_t{300});  // the loss only falls
    QCOMPARE(*run.bestLoss, *run.smoothedLoss);
    QVERIFY(!run.curveUnread);
    QCOMPARE(run.checkpoints, 2);
    QCOMPARE(*run.bytes, bytesOfFiles(runs / "a"));
    QVERIFY(*run.bytes > fs::file_size(runs / "a" / "metrics.bin") + 2000);
  }

  void states_data() {
    QTest::addColumn<QString>("end");
    QTest::addColumn<int>("steps");
    QTest::addColumn<bool>("stop");
    QTest::addColumn<QString>("state");
    QTest::newRow("did all steps") << "finished" << 100 << false << "finished";
    QTest::newRow("stopped by the user") << "finished" << 60 << true << "stopped";
    QTest::newRow("failed") << "failed" << 60 << false << "failed";
    QTest::newRow("killed") << "none" << 60 << false << "interrupted";
  }
  void states() {
    QFETCH(QString, end);
    QFETCH(int, steps);
    QFETCH(bool, stop);
    QFETCH(QString, state);
    const auto run = folder() / "x";
    QString whileHeld;
    test::RunPlan plan{.steps = steps, .end = end.toStdString(), .stopAsked = stop, .checkpoints = {50}};
    test::makeRun(run, plan, [&] { whileHeld = stateOf(run); });
    QCOMPARE(whileHeld, QStringLiteral("training"));  // whoever holds the lock is at work on it
    QCOMPARE(stateOf(run), state);
    if (state == QStringLiteral("failed"))
      QVERIFY(run_library::readRunSummary(run).stateDetail.find("NaN") != std::string::npos);
  }

  void pausedAndResumed() {
    const auto run = folder() / "x";
    test::makeRun(run, {.steps = 60});
    const FileLock lock(run / run_folder::kLockFile);
    run_folder::EventLog log(run / "log.jsonl");
    log.append(run_folder::toLogLine(test::opened(run, {.planned = 200}, 60)));
    QCOMPARE(stateOf(run), QStringLiteral("training"));
    log.append(run_folder::toLogLine(messages::StateChanged{messages::State::Running, messages::State::Paused}));
    QCOMPARE(stateOf(run), QStringLiteral("paused"));
    const auto summary = run_library::readRunSummary(run);
    QVERIFY(summary.ofThisProcess);
    QCOMPARE(summary.stepsPlanned, std::int64_t{200});
  }

  /// Somebody changed the total while it trained, and a run went back to a checkpoint from before that.
  void changedTotal() {
    const auto run = folder() / "x";
    test::makeRun(run, {.steps = 60, .planned = 100, .end = "none"});
    const auto planned = [&] { return run_library::readRunSummary(run).stepsPlanned; };
    run_folder::EventLog log(run / "log.jsonl");
    messages::CommandApplied changed{.step = 60,
                                     .name = "total_steps",
                                     .detail = {},
                                     .command = messages::Change{config::LiveField::TotalSteps, 60}};
    changed.number = 1;
    changed.after.settings.totalSteps = 60;
    log.append(run_folder::toLogLine(changed));
    QCOMPARE(planned(), std::int64_t{60});
    log.append(run_folder::toLogLine(
        messages::CommandApplied{.step = 60, .name = "pause", .detail = {}, .command = messages::Pause{}}));
    QCOMPARE(planned(), std::int64_t{60});
    log.append(run_folder::toLogLine(messages::StateChanged{messages::State::Stopping, messages::State::Finished}));
    QCOMPARE(stateOf(run), QStringLiteral("finished"));  // all of what was wanted in the end
    messages::WentBack back{.from = 60, .to = 50, .checkpoint = {}};
    back.live.settings.totalSteps = 100;
    log.append(run_folder::toLogLine(back));
    QCOMPARE(planned(), std::int64_t{100});
  }

  /// A change far behind the opening does not hide it.
  void openingFarBack() {
    const auto run = folder() / "x";
    test::makeRun(run, {.steps = 60, .planned = 100, .end = "none"});
    run_folder::EventLog log(run / "log.jsonl");
    for (int i = 1; i <= 300; ++i) {
      messages::CommandApplied changed{.step = 60,
                                       .name = "total_steps",
                                       .detail = {},
                                       .command = messages::Change{config::LiveField::TotalSteps, 60.0 + i}};
      changed.number = i;
      changed.after.settings.totalSteps = 60 + i;
      log.append(run_folder::toLogLine(changed));
    }
    QVERIFY(fs::file_size(run / "log.jsonl") > (64U << 10));
    const auto summary = run_library::readRunSummary(run);
    QCOMPARE(summary.stepsPlanned, std::int64_t{360});
    QCOMPARE(summary.device, std::string("cpu"));
  }

  /// A holder on another machine: no lock reaches us, only the date of its lock file.
  void trainerOnAnotherMachine() {
    const auto run = folder() / "x";
    test::makeRun(run, {.steps = 60, .end = "none"});
    const auto lock = run / run_folder::kLockFile;
    std::ofstream(lock, std::ios::trunc) << "4711 gpu-box 00000000-0000-0000-0000-000000000000\n";
    run_folder::LivenessProbe probe(run);
    const auto begin = run_folder::LivenessProbe::Clock::now();
    const auto first = run_library::readRunSummary(run, probe);
    QCOMPARE(nameOf(first.state), "training");
    QVERIFY(first.stateDetail.find("4711 on gpu-box") != std::string::npos);
    const auto silence = run_folder::LivenessProbe::kSilence;
    QVERIFY(probe.look(begin + silence / 2).alive);
    QVERIFY(!probe.look(begin + silence + std::chrono::seconds(1)).alive);                // no beat since
    fs::last_write_time(lock, fs::file_time_type::clock::now() - std::chrono::hours(5));  // its clock may be wrong
    QVERIFY(probe.look(begin + 2 * silence).alive);                                       // but it beats
    QVERIFY(!probe.look(begin + 4 * silence).alive);
    // A first look at a lock that has been still for long finds nobody.
    QCOMPARE(stateOf(run), QStringLiteral("interrupted"));
  }

  void heartbeatIsWrittenWhileARunTrains() {
    const auto run = folder() / "x";
    test::makeRun(run);
    const auto lock = run / run_folder::kLockFile;
    const auto old = fs::file_time_type::clock::now() - std::chrono::hours(5);
    fs::last_write_time(lock, old);
    const trainer::MetricsExporter exporter(run / "metrics.bin", run / "metrics.h5");
    QTRY_VERIFY(fs::last_write_time(lock) > old + std::chrono::hours(4));
  }

  void brokenRunsAreListedWithWhatIsMissing_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("no recipe") << "rm recipe.json"
                               << "incomplete"
                               << "recipe.json is missing";
    QTest::newRow("no metrics") << "rm metrics.bin"
                                << "incomplete"
                                << "metrics.bin is missing";
    QTest::newRow("no log") << "rm log.jsonl"
                            << "incomplete"
                            << "log.jsonl is missing";
    QTest::newRow("metrics cut by the copy") << "cut metrics.bin"
                                             << "incomplete"
                                             << "shorter than it was";
    QTest::newRow("half a recipe") << "cut recipe.json"
                                   << "damaged"
                                   << "not valid JSON";
    QTest::newRow("recipe is a list") << "write recipe.json []"
                                      << "damaged"
                                      << "does not describe a run";
    QTest::newRow("recipe with a strange value")
        << R"(write recipe.json {"format":1,"data":{"path":"x"},"recipe":{"name":"n","optim":{"lr":"fast"}}})"
        << "damaged"
        << "recipe.json: 'fast' is not a number";
    QTest::newRow("recipe with wrong types") << R"(write recipe.json {"format":1,"data":5,"created":"no","recipe":7})"
                                             << "damaged"
                                             << "";
    QTest::newRow("newer recipe") << R"(write recipe.json {"format":9,"data":{"path":"x"},"recipe":{"name":"later"}})"
                                  << "newer_format"
                                  << "newer";
    QTest::newRow("metrics are text") << "write metrics.bin this is some text and no metrics"
                                      << "damaged"
                                      << "not a metrics file";
    QTest::newRow("metrics are empty") << "write metrics.bin"
                                       << "incomplete"
                                       << "";
    QTest::newRow("newer metrics") << "newer metrics.bin"
                                   << "newer_format"
                                   << "format 2";
    QTest::newRow("log is garbage") << "write log.jsonl \x01\x02 {{{ \n\n[]\n5\n"
                                    << "interrupted"
                                    << "";
    QTest::newRow("notes are garbage") << "write notes.json {"
                                       << "finished"
                                       << "notes.json";
    QTest::newRow("summary is garbage") << "write summary.json {"
                                        << "finished"
                                        << "";
    QTest::newRow("summary is another run's") << R"(write summary.json {"format":1,"bytes":16,"step":7})"
                                              << "finished"
                                              << "";
    QTest::newRow("a folder in place of the metrics") << "folder metrics.bin"
                                                      << "damaged"
                                                      << "folder";
  }
  void brokenRunsAreListedWithWhatIsMissing() {
    QFETCH(QString, what);
    QFETCH(QString, state);
    QFETCH(QString, sentence);
    const auto runs = folder();
    const auto run = test::makeRun(runs / "x", {.checkpoints = {100}});
    const auto action = what.section(QLatin1Char(' '), 0, 0);
    const auto file = run / what.section(QLatin1Char(' '), 1, 1).toStdString();
    if (action == QStringLiteral("rm") || action == QStringLiteral("folder")) fs::remove(file);
    if (action == QStringLiteral("folder")) fs::create_directory(file);
    if (action == QStringLiteral("cut")) fs::resize_file(file, fs::file_size(file) / 2);
    if (action == QStringLiteral("write"))
      std::ofstream(file, std::ios::trunc) << what.section(QLatin1Char(' '), 2).toStdString();
    if (action == QStringLiteral("newer")) {
      std::fstream edit(file, std::ios::in | std::ios::out | std::ios::binary);
      edit.seekp(8);
      edit.put('\x02');
    }
    const auto all = run_library::RunCatalog(runs).list();
    QCOMPARE(all.size(), std::size_t{1});
    QVERIFY2(QString::fromStdString(all[0].missing).contains(sentence), all[0].missing.c_str());
    QCOMPARE(QString::fromLatin1(nameOf(all[0].state)), state);
  }

  void tornMetricsAndLog() {
    const auto run = folder() / "x";
    test::makeRun(run, {.end = "none", .checkpoints = {100}, .summary = false});
    fs::resize_file(run / "metrics.bin", fs::file_size(run / "metrics.bin") - 100);
    std::ofstream(run / "log.jsonl", std::ios::app) << "{\"event\":\"comm";
    const auto summary = run_library::readRunSummary(run);
    QCOMPARE(nameOf(summary.state), "interrupted");
    QCOMPARE(summary.stepsDone, std::int64_t{99});
    QVERIFY(summary.missing.empty());
  }

  void longCurvesAreNotReadForTheList() {
    const auto run = folder() / "x";
    test::makeRun(run, {.steps = 20'000, .planned = 20'000, .checkpoints = {1}, .summary = false});
    auto summary = run_library::readRunSummary(run);
    QVERIFY(summary.curveUnread);
    QCOMPARE(summary.stepsDone, std::int64_t{20'000});
    QCOMPARE(*summary.lastLoss, 1.0 + 1.0 / 20'000.0);
    QVERIFY(!summary.bestLoss);
    QCOMPARE(nameOf(summary.state), "finished");
    run_library::summarizeCurve(summary);
    QVERIFY(!summary.curveUnread);
    QCOMPARE(summary.bestStep, std::int64_t{20'000});
  }

  /// The summary that the trainer extends, checkpoint by checkpoint and over a resume, is that of the whole curve.
  void summaryGrowsAsTheCurveDoes() {
    const auto run = folder() / "x";
    test::makeRun(run, {.steps = 100});
    const auto read = [&] {
      return *run_folder::readCurveSummary(run / run_folder::kSummaryFile, ReadFile(run / "metrics.bin"));
    };
    const auto first = read();
    run_folder::CurveSummary expected;
    for (int s = 1; s <= 100; ++s) expected.add(test::stepNumber(s));
    QCOMPARE(first.bestLoss, expected.bestLoss);
    QCOMPARE(first.count, std::int64_t{100});
    run_folder::MetricsWriter writer(run / "metrics.bin");
    trainer::MetricsExporter exporter(run / "metrics.bin", run / "metrics.h5");
    test::appendSteps(writer, 81, 150);  // went back to 80
    exporter.request();
    QCOMPARE(exporter.finish(), std::string());
    for (int s = 101; s <= 150; ++s) expected.add(test::stepNumber(s));
    QCOMPARE(read().count, std::int64_t{150});
    QCOMPARE(read().bestLoss, expected.bestLoss);
    test::appendSteps(writer, 151, 160);
    exporter.request();
    QCOMPARE(exporter.finish(), std::string());
    for (int s = 151; s <= 160; ++s) expected.add(test::stepNumber(s));
    QCOMPARE(read().bestLoss, expected.bestLoss);
    QCOMPARE(read().bestStep, std::int64_t{160});
  }

  void otherFoldersAreNoRuns() {
    const auto runs = folder();
    fs::create_directories(runs / "pictures");
    fs::create_directories(runs / ".trash" / "123-gone" / "checkpoints");
    std::ofstream(runs / "a file") << "x";
    QVERIFY(run_library::RunCatalog(runs).list().empty());
    QVERIFY(run_library::RunCatalog(runs / "absent").list().empty());
  }

  void findsARunByNameOrPath() {
    const auto runs = folder();
    test::makeRun(runs / "2026-quick-1");
    QCOMPARE(run_library::findRun(runs, "2026-quick-1").string(), (runs / "2026-quick-1").string());
    QCOMPARE(run_library::findRun("/nowhere", (runs / "2026-quick-1").string() + "/").string(),
             (runs / "2026-quick-1").string());
    try {
      run_library::findRun(runs, "2026-quik-1");
      QFAIL("found");
    } catch (const Error& e) {
      QVERIFY(e.remedy().find("2026-quick-1") != std::string::npos);
    }
  }

  void fiveHundredRuns() {
    const auto runs = folder();
    for (int i = 0; i < 10; ++i) {
      test::makeRun(runs / ("run-" + std::to_string(i)),
                    {.steps = 3000, .planned = 3000, .checkpoints = {1000, 2000, 3000}, .created = 1000 + i});
    }
    for (int i = 10; i < 500; ++i) {
      fs::copy(runs / ("run-" + std::to_string(i % 10)), runs / ("run-" + std::to_string(i)),
               fs::copy_options::recursive);
    }
    run_library::RunCatalog catalog(runs);
    QElapsedTimer timer;
    for (const char* which : {"first list", "second list", "third list"}) {
      timer.start();
      const auto all = catalog.list();
      const auto ms = timer.elapsed();
      QCOMPARE(all.size(), std::size_t{500});
      for (const auto& run : all) QCOMPARE(nameOf(run.state), "finished");
      qInfo("%s of 500 runs (3 checkpoints each, with sizes): %lld ms", which, static_cast<long long>(ms));
    }
    timer.start();
    run_library::RunCatalog(runs).list(false);
    qInfo("list of 500 runs without sizes: %lld ms", static_cast<long long>(timer.elapsed()));
  }
};

QTEST_APPLESS_MAIN(TestRunCatalog)
#include "tst_run_catalog.moc"
