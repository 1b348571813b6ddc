// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <bit>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "run_builder.h"
#include "run_folder/wall_clock.h"
#include "run_library/metrics_export.h"

using namespace dw;
namespace fs = std::filesystem;

class TestMetricsExport : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  fs::path path(const char* name) const { return fs::path(home_.path().toStdString()) / name; }

 private Q_SLOTS:
  void csvReadsBackExactly() {
    const auto run = test::makeRun(path("csv"), {.steps = 1000});
    run_folder::MetricsWriter(run / "metrics.bin").append(test::stepNumber(501));  // what comes after is abandoned
    QVERIFY(run_library::exportCsv(run, path("out.csv")));
    std::istringstream text(readTextFile(path("out.csv")));
    std::string line;
    QVERIFY(std::getline(text, line).good());
    QVERIFY(line.starts_with("step,loss,lr,grad_norm,step_ms,"));
    int count = 0;
    while (std::getline(text, line)) {
      const auto columns = QString::fromStdString(line).split(QLatin1Char(','));
      QCOMPARE(columns.size(), 12);
      const auto expected = test::stepNumber(++count);
      QCOMPARE(columns[0].toLongLong(), static_cast<long long>(expected.step));
      QCOMPARE(columns[1].toDouble(), expected.loss);
      QCOMPARE(columns[11].toDouble(), expected.activeS);
    }
    QCOMPARE(count, 501);
  }

  void cancelLeavesNothing() {
    const auto run = test::makeRun(path("cancel"), {.steps = 20});
    const auto refuse = [](double) { return false; };
    QVERIFY(!run_library::exportCsv(run, path("no.csv"), refuse));
    fs::create_directories(path("board"));
    QVERIFY(!run_library::exportTensorBoard(run, path("board"), refuse));
    QVERIFY(!fs::exists(path("no.csv")));
    QVERIFY(fs::is_empty(path("board")));
    for (const auto& entry : fs::directory_iterator(path("."))) {
      QVERIFY2(entry.path().string().find(".tmp-") == std::string::npos, entry.path().c_str());
    }
  }

  /// Frames and checksums of TFRecord; CRC-32C by its definition, bit by bit, and its check value for "123456789".
  void eventFileIsWellFormed() {
    const auto crc32c = [](const char* data, std::size_t size) {
      std::uint32_t crc = ~0U;
      for (std::size_t i = 0; i < size; ++i) {
        crc ^= static_cast<unsigned char>(data[i]);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0x82F63B78U & (0U - (crc & 1)));
      }
      return ~crc;
    };
    QCOMPARE(crc32c("123456789", 9), 0xE3069283U);
    const auto run = test::makeRun(path("tb"), {.steps = 30});
    QVERIFY(run_library::exportTensorBoard(run, path("tbout")));
    QVERIFY(run_library::exportTensorBoard(run, path("tbout")));  // again: replaces
    std::vector<fs::path> files(fs::directory_iterator(path("tbout")), {});
    QCOMPARE(files.size(), std::size_t{1});
    QVERIFY(files[0].filename().string().starts_with("events.out.tfevents."));
    const auto bytes = readTextFile(files[0]);
    const auto masked = [&](std::size_t at, std::size_t size) {
      const auto crc = crc32c(bytes.data() + at, size);
      return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
    };
    const auto number = [&](std::size_t at) {
      std::uint32_t value = 0;
      std::memcpy(&value, bytes.data() + at, 4);
      return value;
    };
    int records = 0;
    std::size_t at = 0;
    while (at < bytes.size()) {
      const std::size_t length = number(at);
      QCOMPARE(number(at + 8), masked(at, 8));
      QCOMPARE(number(at + 12 + length), masked(at + 12, length));
      at += 16 + length;
      ++records;
    }
    QCOMPARE(at, bytes.size());
    QCOMPARE(records, 31);
  }

  /// Start, pause, resume in a later session: seconds of training fall on the times that the log gives.
  void wallClockFollowsTheLog() {
    const auto run = path("clock");
    fs::create_directories(run);
    std::ofstream(run / "log.jsonl") << R"({"event":"run_opened","first_step":0,"total_steps":100,"time":1000})"
                                     << "\n"
                                     << R"({"event":"state","from":"preparing","to":"running","time":1010})"
                                     << "\n"
                                     << R"({"event":"command_applied","command":"pause","step":20,"time":1030})"
                                     << "\n"
                                     << R"({"event":"state","to":"paused","time":1030})"
                                     << "\n"
                                     << R"({"event":"state","to":"running","time":1100})"
                                     << "\n"
                                     << R"({"event":"run_opened","first_step":30,"total_steps":100,"time":5000})"
                                     << "\n"
                                     << R"({"event":"state","to":"running","time":5001})"
                                     << "\n";
    run_folder::WallClock clock(run);
    const auto at = [&](std::int64_t step) {
      auto metrics = test::stepNumber(step);
      metrics.activeS = static_cast<double>(step);  // a second each
      return clock.of(metrics);
    };
    std::vector<double> times;
    for (int s = 1; s <= 40; ++s) times.push_back(at(s));
    QCOMPARE(times[0], 1011.0);
    QCOMPARE(times[19], 1030.0);
    QCOMPARE(times[20], 1101.0);
    QCOMPARE(times[29], 1110.0);
    QCOMPARE(times[30], 5002.0);
    QCOMPARE(times[39], 5011.0);
  }
};

QTEST_APPLESS_MAIN(TestMetricsExport)
#include "tst_metrics_export.moc"
