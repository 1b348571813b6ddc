// SPDX-License-Identifier: GPL-3.0-or-later
#include <hdf5.h>

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "../../support/file_size_limit.h"
#include "base/error.h"
#include "run_folder/measurement_files.h"
#include "run_folder/metrics_file.h"

using namespace dw;

class TestMetricsFile : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path path(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }

  static messages::StepMetrics step(std::int64_t number) {
    messages::StepMetrics m;
    m.step = number;
    m.loss = 1.0 / static_cast<double>(number);
    m.lossSum[3] = static_cast<float>(number);
    return m;
  }

 private Q_SLOTS:
  void readsBackWhatWasWritten() {
    {
      run_folder::MetricsWriter writer(path("a.bin"));
      for (int i = 1; i <= 5000; ++i) writer.append(step(i));
    }
    const auto all = run_folder::readMetrics(path("a.bin"));
    QCOMPARE(all.size(), std::size_t{5000});
    QCOMPARE(all[41].step, std::int64_t{42});
    QCOMPARE(all[41].loss, 1.0 / 42.0);
    QCOMPARE(all[41].lossSum[3], 42.0F);
  }

  void tornTailIsCut_data() {
    QTest::addColumn<int>("cut");
    for (int cut : {1, 100, 239}) QTest::newRow(qPrintable(QString::number(cut))) << cut;
  }
  void tornTailIsCut() {
    QFETCH(int, cut);
    const auto file = path("torn.bin");
    std::filesystem::remove(file);
    {
      run_folder::MetricsWriter writer(file);
      for (int i = 1; i <= 10; ++i) writer.append(step(i));
    }
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - static_cast<std::uintmax_t>(cut));
    QCOMPARE(run_folder::readMetrics(file).size(), std::size_t{9});
    run_folder::MetricsWriter(file).append(step(10));
    QCOMPARE(run_folder::readMetrics(file).size(), std::size_t{10});
  }

  void damagedRecordEndsTheGoodPart() {
    const auto file = path("damaged.bin");
    {
      run_folder::MetricsWriter writer(file);
      for (int i = 1; i <= 10; ++i) writer.append(step(i));
    }
    std::fstream edit(file, std::ios::in | std::ios::out | std::ios::binary);
    edit.seekp(16 + 240 * 6 + 50);
    edit.put('\x7f');
    edit.close();
    QCOMPARE(run_folder::readMetrics(file).size(), std::size_t{6});
  }

  void resumedRunHidesAbandonedSteps() {
    const auto file = path("resumed.bin");
    {
      run_folder::MetricsWriter writer(file);
      for (int i = 1; i <= 10; ++i) writer.append(step(i));
    }
    {
      run_folder::MetricsWriter writer(file);
      QCOMPARE(writer.segment(), 1U);
      for (int i = 7; i <= 8; ++i) writer.append(step(i));
    }
    const auto counting = run_folder::readMetrics(file);
    QCOMPARE(counting.size(), std::size_t{8});
    for (std::size_t i = 0; i < counting.size(); ++i) QCOMPARE(counting[i].step, static_cast<std::int64_t>(i) + 1);
    QCOMPARE(run_folder::readMetricsRecords(file).size(), std::size_t{12});
  }

  void otherFilesAreRefused() {
    std::ofstream(path("text.bin")) << "this is some text and no metrics at all";
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::readMetrics(path("text.bin")));
    QVERIFY(run_folder::readMetrics(path("absent.bin")).empty());
  }

  void hdf5HoldsTheSameNumbers() {
    {
      run_folder::MetricsWriter writer(path("h.bin"));
      for (int i = 1; i <= 100; ++i) writer.append(step(i));
    }
    const messages::ValidationPoint points[] = {{.step = 50, .loss = 0.5, .ms = 1.0},
                                                {.step = 100, .loss = 0.25, .ms = 1.0}};
    {
      run_folder::RecordWriter writer(path(run_folder::kValidationFile), run_folder::kValidationKind, 0);
      for (const auto& point : points) writer.append(std::as_bytes(std::span(&point, 1)));
    }
    run_folder::exportMetricsToHdf5(path("h.bin"), path("h.h5"));
    std::filesystem::remove(path(run_folder::kValidationFile));
    const auto file = H5Fopen(path("h.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    QVERIFY(file >= 0);
    std::vector<double> loss(100);
    const auto dataset = H5Dopen2(file, "loss", H5P_DEFAULT);
    QVERIFY(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, loss.data()) >= 0);
    QCOMPARE(loss[9], 0.1);
    double validation[2] = {};
    const auto losses = H5Dopen2(file, "validation/loss", H5P_DEFAULT);
    QVERIFY(H5Dread(losses, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, validation) >= 0);
    QCOMPARE(validation[1], 0.25);
    H5Dclose(losses);
    for (const char* name :
         {"validation/step", "validation/by_bin", "update_ratio/step", "update_ratio/ratio", "loss_z", "grad_norm_z"}) {
      QVERIFY2(H5Lexists(file, name, H5P_DEFAULT) > 0, name);
    }
    int format = 0;
    const auto attribute = H5Aopen(file, "format", H5P_DEFAULT);
    QVERIFY(H5Aread(attribute, H5T_NATIVE_INT, &format) >= 0);
    QCOMPARE(format, 1);
    H5Aclose(attribute);
    H5Dclose(dataset);
    const auto bins = H5Dopen2(file, "t_bin_loss_sum", H5P_DEFAULT);
    const auto space = H5Dget_space(bins);
    hsize_t sizes[2] = {};
    QCOMPARE(H5Sget_simple_extent_dims(space, sizes, nullptr), 2);
    QCOMPARE(sizes[0], hsize_t{100});
    QCOMPARE(sizes[1], hsize_t{messages::kTimestepBins});
    H5Sclose(space);
    H5Dclose(bins);
    H5Fclose(file);
  }

  /// Wherever the disk ends: an error, the good old file stays, and the HDF5 library still ends without a crash.
  void fullDiskNeverReplacesGoodHdf5() {
    const auto source = path("full.bin"), target = path("full.h5");
    {
      run_folder::MetricsWriter writer(source);
      for (int i = 1; i <= 20; ++i) writer.append(step(i));
    }
    run_folder::exportMetricsToHdf5(source, target);
    const auto whole = std::filesystem::file_size(target);
    const auto parent = target.parent_path();
    const auto files = [&] {
      return std::distance(std::filesystem::directory_iterator(parent), std::filesystem::directory_iterator());
    };
    const auto before = files();
    const test::FileSizeLimit limit;
    for (rlim_t most = 0; most < whole; most += 97) {
      test::FileSizeLimit::set(most);
      bool refused = false;
      try {
        run_folder::exportMetricsToHdf5(source, target);
      } catch (const Error&) {
        refused = true;
      }
      test::FileSizeLimit::set(RLIM_INFINITY);
      QVERIFY2(refused, qPrintable(QString::number(most)));
      QCOMPARE(std::filesystem::file_size(target), whole);
      QCOMPARE(files(), before);
    }
    run_folder::exportMetricsToHdf5(source, target);
    QCOMPARE(std::filesystem::file_size(target), whole);
  }
};

QTEST_APPLESS_MAIN(TestMetricsFile)
#include "tst_metrics_file.moc"
