// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: run_records, run_log, metrics_file
#include <QTemporaryDir>
#include <QTest>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "../../support/disk_faults.h"
#include "base/error.h"
#include "base/file.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "run_folder/run_log.h"
#include "trainer/run_records.h"

using namespace dw;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// recipe.json, metrics.bin and log.jsonl on a disk that fails, fills up or loses its power at every single call.
class TestRecordFaults : public QObject {
  Q_OBJECT

  static constexpr int kMost = 300;
  static constexpr std::int64_t kFirstTotal = 111, kSecondTotal = 222;
  QTemporaryDir home_{fs::is_directory("/dev/shm") ? QStringLiteral("/dev/shm/dwb-records-XXXXXX")
                                                   : QStringLiteral("dwb-records-XXXXXX")};
  int count_ = 0;

  fs::path fresh() { return fs::path(home_.path().toStdString()) / std::to_string(++count_); }

  static messages::StepMetrics step(std::int64_t number) {
    messages::StepMetrics m;
    m.step = number;
    return m;
  }
  static messages::Event line(std::int64_t number) { return messages::CommandApplied{number, "test", {}}; }

  static void describe(run_folder::RunFolder& folder, std::int64_t total) {
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = total;
    folder.writeRecipe({.recipe = recipe, .data = "demo", .identity = {}, .scale = {}, .created = 1});
  }

  /// What a run was told to be on the disk.
  struct Promised {
    std::int64_t total = 0, steps = 0, lines = 0;
    bool ended = false;
  };

  static Promised story(const fs::path& path) {
    Promised promised;
    try {
      const auto folder = run_folder::RunFolder::create(path);
      run_folder::MetricsWriter metrics(folder->metricsBin());
      run_folder::EventLog log(folder->log());
      std::int64_t now = 0;
      const auto some = [&] {
        for (int i = 0; i < 3; ++i) {
          metrics.append(step(++now));
          log.append(run_folder::toLogLine(line(now)));
        }
        metrics.sync();
        promised.steps = now;
        log.sync();
        promised.lines = now;
      };
      describe(*folder, kFirstTotal);
      promised.total = kFirstTotal;
      some();
      some();
      describe(*folder, kSecondTotal);
      promised.total = kSecondTotal;
      some();
      promised.ended = true;
    } catch (const Error&) {  // the disk struck
    }
    return promised;
  }

  static std::string checkSteps(const fs::path& path, std::int64_t atLeast) {
    const auto steps = run_folder::readMetrics(path);
    if (static_cast<std::int64_t>(steps.size()) < atLeast)
      return "only " + std::to_string(steps.size()) + " of " + std::to_string(atLeast) + " steps are left";
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].step != static_cast<std::int64_t>(i) + 1)
        return "a gap before step " + std::to_string(steps[i].step);
    }
    return {};
  }

  static std::string checkLog(const fs::path& path, std::int64_t atLeast) {
    std::istringstream lines(readTextFile(path));
    std::int64_t found = 0;
    for (std::string text; std::getline(lines, text);) {
      if (!nlohmann::json::accept(text)) return "a broken line in the log: " + text;
      const auto json = nlohmann::json::parse(text);
      if (json.value("event", "") == "command_applied" && json["step"] != ++found)
        return "a line of the log is missing before " + text;
    }
    return found < atLeast ? "only " + std::to_string(found) + " of " + std::to_string(atLeast) + " lines are left"
                           : "";
  }

  /// What the next program finds and goes on with. Empty if all that was promised is there.
  static std::string check(const fs::path& path, const Promised& promised) {
    if (promised.total == 0 && !fs::exists(path / "recipe.json")) return {};  // it never was a run
    const auto total = run_folder::readDescription(path).recipe.train.steps;
    if (total != kFirstTotal && total != kSecondTotal) return "recipe.json says " + std::to_string(total);
    if (total < promised.total) return "recipe.json is older than it was";
    const auto folder = run_folder::RunFolder::open(path);
    run_folder::MetricsWriter metrics(folder->metricsBin());
    run_folder::EventLog log(folder->log());
    if (auto wrong = checkSteps(folder->metricsBin(), promised.steps); !wrong.empty()) return wrong;
    if (auto wrong = checkLog(folder->log(), promised.lines); !wrong.empty()) return wrong;
    const auto next = static_cast<std::int64_t>(run_folder::readMetrics(folder->metricsBin()).size()) + 1;
    metrics.append(step(next));
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().filename().string().find(".tmp-") != std::string::npos)
        return "left behind: " + entry.path().filename().string();
    }
    return checkSteps(folder->metricsBin(), next);
  }

 private Q_SLOTS:
  void powerCuts() {
    int n = 0;
    for (bool struck = true; struck; ++n) {
      QVERIFY(n < kMost);
      const auto root = fresh();
      fs::create_directories(root);
      test::PowerCut cut(root, n);
      Promised promised;
      {
        const test::HookInPlace hook(cut);
        promised = story(root / "run");
      }
      struck = cut.struck();
      QVERIFY(struck || promised.ended);
      for (const auto& luck : test::everyLuck()) {
        const auto after = fresh();
        cut.rebuild(after, luck);
        const auto wrong = check(after / "run", promised);
        const auto where = "call " + std::to_string(n) + ", names " + std::to_string(luck.names) + ", data " +
                           std::to_string(luck.data) + ", seed " + std::to_string(luck.seed) + ": ";
        QVERIFY2(wrong.empty(), (where + wrong).c_str());
        fs::remove_all(after);
      }
      fs::remove_all(root);
    }
    QVERIFY(n > 30);
  }

  void failures_data() {
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("forGood");
    QTest::newRow("one call fails") << EIO << false;
    QTest::newRow("the disk is full for one call") << ENOSPC << false;
    QTest::newRow("the disk dies") << EIO << true;
    QTest::newRow("the disk is full for good") << ENOSPC << true;
  }
  void failures() {
    QFETCH(int, code);
    QFETCH(bool, forGood);
    int n = 0;
    for (bool struck = true; struck; ++n) {
      QVERIFY(n < kMost);
      const auto root = fresh();
      test::FailingDisk disk(n, code, forGood);
      Promised promised;
      {
        const test::HookInPlace hook(disk);
        promised = story(root / "run");
      }
      struck = disk.struck();
      QVERIFY(struck || promised.ended);
      const auto wrong = check(root / "run", promised);
      QVERIFY2(wrong.empty(), ("call " + std::to_string(n) + ": " + wrong).c_str());
    }
    QVERIFY(n > 30);
  }

  /// What a disk refuses is written when it takes things again: nothing is lost, nothing doubled.
  void refusedRecordsFollow_data() { failures_data(); }
  void refusedRecordsFollow() {
    QFETCH(int, code);
    QFETCH(bool, forGood);
    constexpr std::int64_t kSteps = 8;
    for (int n = 0; n < 2 * kSteps; ++n) {
      const auto folder = fresh();
      fs::create_directories(folder);
      trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl");
      test::FailingDisk disk(n, code, forGood);
      {
        const test::HookInPlace hook(disk);
        for (std::int64_t now = 1; now <= kSteps; ++now) {
          records.append(step(now));
          records.append(line(now));
        }
        if (forGood) QVERIFY(!records.flush());
      }
      QVERIFY(disk.struck() || !forGood);
      QVERIFY(records.takeWarning().has_value() || !disk.struck());
      QVERIFY(records.flush());
      const auto wrong = checkSteps(folder / "metrics.bin", kSteps) + checkLog(folder / "log.jsonl", kSteps);
      QVERIFY2(wrong.empty(), ("call " + std::to_string(n) + ": " + wrong).c_str());
      QCOMPARE(run_folder::readMetricsRecords(folder / "metrics.bin").size(), static_cast<std::size_t>(kSteps));
    }
  }

  /// Records reach the disk without anybody asking for it.
  void recordsAreBroughtToTheDisk() {
    const auto root = fresh(), folder = root / "run";
    fs::create_directories(folder);
    test::PowerCut cut(root, std::numeric_limits<int>::max());
    const test::HookInPlace hook(cut);
    trainer::RunRecords records(folder / "metrics.bin", folder / "log.jsonl");
    for (int round = 1; round <= 3; ++round) {
      records.append(step(round));
      records.append(line(round));
      const auto began = std::chrono::steady_clock::now();
      std::string wrong = "never looked";
      while (!wrong.empty() && std::chrono::steady_clock::now() < began + 60s) {
        std::this_thread::sleep_for(10ms);
        const auto after = fresh();
        cut.rebuild(after, {});
        wrong = checkSteps(after / "run" / "metrics.bin", round) + checkLog(after / "run" / "log.jsonl", round);
        fs::remove_all(after);
      }
      QVERIFY2(wrong.empty(), wrong.c_str());
      qInfo("on the disk after %.2f s",
            std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    }
  }
};

QTEST_APPLESS_MAIN(TestRecordFaults)
#include "tst_record_faults.moc"
