// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTest>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "golden/comparison.h"
#include "golden/sections.h"

using namespace dw::golden;

namespace {

const std::filesystem::path kOwnFolder = std::filesystem::path(DWB_SOURCE_DIR) / "tests" / "golden";

/// DWB_GOLDEN points at another folder of the same layout; a clone tests itself with the cases it carries.
std::filesystem::path goldenFolder() {
  const char* chosen = std::getenv("DWB_GOLDEN");
  return chosen != nullptr && *chosen != '\0' ? std::filesystem::path(chosen) : kOwnFolder;
}

void print(const Report& report) {
  const auto& o = report.outcome;
  const char* word = report.notYet ? "NOT YET" : (o.pass ? "pass" : "FAIL");
  std::printf("%-8s %-44s worst %.3g tolerance %.3g  %s\n", word, o.name.c_str(), o.worst, o.tolerance,
              o.detail.c_str());
}

Outcome outcomeOf(const torch::Tensor& ours, const torch::Tensor& golden, double tolerance) {
  Comparison comparison("x");
  comparison.check("t", ours, golden, tolerance);
  return comparison.outcome();
}

}  // namespace

class TestGolden : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void measureCanFail();
  void unknownCaseFailsByName();
  void everyCase();
};

void TestGolden::measureCanFail() {
  const auto golden = torch::tensor({1.0, -4.0}, torch::kFloat64);
  QVERIFY(outcomeOf(golden + 3e-9, golden, 1e-9).pass);  // measured against the largest value, 4
  QVERIFY(!outcomeOf(golden + 5e-9, golden, 1e-9).pass);
  QVERIFY(!outcomeOf(golden * std::nan(""), golden, 1e9).pass);
  QVERIFY(!outcomeOf(golden.unsqueeze(0), golden, 1.0).pass);
  QVERIFY(!outcomeOf({}, golden, 1.0).pass);
  const auto zero = torch::zeros({2});
  QVERIFY(outcomeOf(zero, zero, 1e-9).pass);
  QVERIFY(!outcomeOf(zero + 1e-30, zero, 1e9).pass);
  QVERIFY(!Comparison("nothing compared").outcome().pass);
}

void TestGolden::unknownCaseFailsByName() {
  const auto folder =
      std::filesystem::temp_directory_path() / ("dwb_golden_" + std::to_string(QCoreApplication::applicationPid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "index.json")
      << R"({"cases":[{"section":"novel","case":"a","manifest":"novel/a.json"},{"section":"novel","case":"b","manifest":"novel/b.json"}]})";
  std::vector<Report> reports;
  Options options;
  options.notYet = {"novel/b"};
  const auto totals = runGolden(folder, options, [&](const Report& r) { reports.push_back(r); });
  std::filesystem::remove_all(folder);
  QCOMPARE(totals.failed, 1);
  QCOMPARE(totals.notYet, 1);
  QCOMPARE(reports.size(), std::size_t{2});
  QCOMPARE(reports[0].outcome.name, std::string("novel/a"));
  QVERIFY(!reports[0].outcome.pass && !reports[0].notYet && reports[1].notYet);
}

void TestGolden::everyCase() {
  torch::set_num_threads(1);  // the cases are tiny
  Options options;
  options.notYet = readNotYet(kOwnFolder / "not_yet.txt");
  std::string failures;
  const auto totals = runGolden(goldenFolder(), options, [&](const Report& report) {
    print(report);
    if (!report.outcome.pass && !report.notYet) failures += "\n  " + report.outcome.name + ": " + report.outcome.detail;
  });
  std::printf("%s: %d passed, %d failed, %d NOT YET\n", goldenFolder().c_str(), totals.passed, totals.failed,
              totals.notYet);
  QVERIFY2(failures.empty(), failures.c_str());
  QVERIFY(totals.passed > 0);
}

QTEST_APPLESS_MAIN(TestGolden)
#include "tst_golden.moc"
