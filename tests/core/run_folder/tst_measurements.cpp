// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: measurements, record_file
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "run_folder/measurement_files.h"
#include "run_folder/rolling_z.h"

using namespace dw;
namespace fs = std::filesystem;

/// validation.bin, updates.bin, and the z-scores of a curve.
class TestMeasurements : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;

  fs::path freshFolder() {
    const auto folder = fs::path(home_.path().toStdString()) / std::to_string(++count_);
    fs::create_directories(folder);
    return folder;
  }

  static messages::ValidationPoint point(std::int64_t step, double loss) {
    messages::ValidationPoint p{.step = step, .loss = loss, .ms = 12.5};
    p.byBin.fill(static_cast<float>(loss));
    return p;
  }

  static void write(const fs::path& folder, std::int64_t firstStep,
                    const std::vector<messages::ValidationPoint>& points) {
    run_folder::RecordWriter writer(folder / run_folder::kValidationFile, run_folder::kValidationKind, firstStep);
    for (const auto& p : points) writer.append(std::as_bytes(std::span(&p, 1)));
  }

  static std::vector<std::int64_t> stepsIn(const fs::path& folder) {
    std::vector<std::int64_t> steps;
    for (const auto& p : run_folder::readValidation(folder)) steps.push_back(p.step);
    return steps;
  }

 private Q_SLOTS:
  void readsBackWhatWasWritten() {
    const auto folder = freshFolder();
    QVERIFY(run_folder::readValidation(folder).empty());
    write(folder, 0, {point(500, 0.25), point(1000, 0.125)});
    const auto read = run_folder::readValidation(folder);
    QCOMPARE(read.size(), std::size_t{2});
    QCOMPARE(read[1].step, 1000);
    QCOMPARE(read[1].loss, 0.125);
    QCOMPARE(read[1].ms, 12.5);
    QCOMPARE(read[1].byBin[19], 0.125F);
  }

  void aRunThatGoesBackLeavesItsLaterPoints() {
    const auto folder = freshFolder();
    write(folder, 0, {point(500, 0.3), point(1000, 0.2), point(1500, 0.1)});
    write(folder, 1000, {});  // resumed from step 1000, and nothing measured yet
    QCOMPARE(stepsIn(folder), (std::vector<std::int64_t>{500, 1000}));
    write(folder, 1000, {point(1250, 0.15)});
    QCOMPARE(stepsIn(folder), (std::vector<std::int64_t>{500, 1000, 1250}));
    write(folder, 400, {point(500, 0.4)});
    QCOMPARE(stepsIn(folder), (std::vector<std::int64_t>{500}));
    QCOMPARE(run_folder::readValidation(folder)[0].loss, 0.4);
  }

  void tornAndDamagedEndsAreCutOff() {
    const auto folder = freshFolder();
    write(folder, 0, {point(500, 0.3), point(1000, 0.2)});
    const auto path = folder / run_folder::kValidationFile;
    const auto whole = fs::file_size(path);
    for (const auto left :
         {whole - 1, whole - 100, std::uintmax_t{20}, std::uintmax_t{16}, std::uintmax_t{7}, std::uintmax_t{0}}) {
      fs::resize_file(path, left);
      QCOMPARE(stepsIn(folder).size(), left > whole - 112 ? std::size_t{1} : std::size_t{0});
    }
    write(folder, 0, {point(500, 0.3), point(1000, 0.2), point(1500, 0.2)});
    {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(16 + 112 + 40);
      file.put('x');
    }
    QCOMPARE(stepsIn(folder), std::vector<std::int64_t>{500});
    write(folder, 500, {point(700, 0.2)});
    QCOMPARE(stepsIn(folder), (std::vector<std::int64_t>{500, 700}));
  }

  void anotherFileIsRefused() {
    const auto folder = freshFolder();
    std::ofstream(folder / run_folder::kValidationFile) << "DWBMETR1 and something else";
    QVERIFY_EXCEPTION_THROWN(run_folder::readValidation(folder), Error);
    QVERIFY_EXCEPTION_THROWN(write(folder, 0, {}), Error);
    const auto newer = freshFolder();
    write(newer, 0, {});
    std::fstream file(newer / run_folder::kValidationFile, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);
    file.put(2);
    file.close();
    QVERIFY_EXCEPTION_THROWN(run_folder::readValidation(newer), Error);
  }

  void zScoresFindASpike() {
    std::vector<double> values;
    for (int i = 0; i < 400; ++i) values.push_back(1.0 + 0.1 * ((i % 2) != 0 ? 1.0 : -1.0));
    values[300] = 2.0;
    const auto z = run_folder::rollingZ(values);
    QCOMPARE(z.size(), values.size());
    for (std::size_t i = 0; i < run_folder::RollingZ::kWindow; ++i) QVERIFY(std::isnan(z[i]));
    // Before it: 64 values of 0.9 and 64 of 1.1, mean 1, deviation 0.1 sqrt(128 / 127).
    QVERIFY(std::abs(z[300] - 10.0 / std::sqrt(128.0 / 127.0)) < 1e-9);
    for (std::size_t i = run_folder::RollingZ::kWindow; i < values.size(); ++i)
      QCOMPARE(z[i] >= run_folder::kSpikeZ, i == 300);
  }

  void zScoresBearWhatIsNotFinite() {
    run_folder::RollingZ rolling;
    for (int i = 0; i < 500; ++i) rolling.add(i % 3);
    QVERIFY(!rolling.add(std::numeric_limits<double>::quiet_NaN()));
    QVERIFY(!rolling.add(std::numeric_limits<double>::infinity()));
    const auto next = rolling.add(1.0);
    QVERIFY(next && std::abs(*next) < 0.1);
    run_folder::RollingZ flat;
    for (int i = 0; i < 500; ++i) QVERIFY(!flat.add(0.5));
  }
};

QTEST_APPLESS_MAIN(TestMeasurements)
#include "tst_measurements.moc"
