// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged HDF5 files through the real dwb-h5probe: whatever becomes of the helper, this program gets samples or a refusal.
// DWB_H5_MUTATIONS=3000 runs the whole campaign (README.md); ctest runs a part of it, the same files each time.
#include <hdf5.h>
#include <sys/resource.h>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>

#include "../support/h5_builder.h"
#include "base/error.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"
#include "fuzz_input.h"

using namespace dw;
namespace fs = std::filesystem;

namespace {

constexpr int kInShort = 150, kInARow = 250;  // a line of progress
constexpr long kMostGrowthKiB = 128L << 10;
constexpr std::array kWhole{"contiguous", "chunked", "groups", "big", "latest", "plain", "plain latest"};

std::string bytesOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Latents in chunks, integers beside them. newest: the newest layout of groups, chunk indexes and headers.
void writeChunks(const fs::path& path, const std::vector<float>& values, bool newest, bool packed) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (newest) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  const std::array<hsize_t, 4> shape{7, 2, 4, 4}, most{H5S_UNLIMITED, 2, 4, 4}, chunk{2, 2, 4, 4};
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(properties, 4, chunk.data());
  if (packed) H5Pset_deflate(properties, 1);
  const hid_t space = H5Screate_simple(4, shape.data(), most.data()), row = H5Screate_simple(1, shape.data(), nullptr);
  const hid_t latents = H5Dcreate2(file, "latents", H5T_IEEE_F32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  H5Dwrite(latents, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  const hid_t labels = H5Dcreate2(file, "labels", H5T_STD_I32LE, row, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const std::array<int, 7> numbers{0, 1, 2, 0, 1, 2, 0};
  H5Dwrite(labels, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
  for (const hid_t dataset : {latents, labels}) H5Dclose(dataset);
  for (const hid_t each : {space, row}) H5Sclose(each);
  for (const hid_t each : {properties, access}) H5Pclose(each);
  H5Fclose(file);
}

/// Half of the files lose few bytes, so that they get far, the others up to 32. One byte in three becomes a number that
/// limits are made of, the others anything.
void change(std::string& bytes, std::mt19937_64& random) {
  static constexpr std::array<unsigned char, 6> kEdges{0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
  for (auto left = 1 + random() % (random() % 2 == 0 ? 3 : 32); left > 0; --left) {
    auto& byte = bytes[random() % bytes.size()];
    byte = static_cast<char>(random() % 3 == 0 ? kEdges[random() % kEdges.size()] : random() % 256);
  }
}

std::string damaged(std::string bytes, std::mt19937_64& random) {
  const auto how = random() % 8;
  if (how < 2) bytes.resize(1 + random() % bytes.size());
  if (how > 0) change(bytes, random);
  return bytes;
}

std::string refusal(const fs::path& file) {
  try {
    fuzz::readEnds(*data::sources::openSource(file));
    return "opened";
  } catch (const Error& error) {
    return error.what();
  }
}

long peakKiB(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return usage.ru_maxrss;
}

}  // namespace

class TestH5Mutations : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::vector<std::pair<std::string, std::string>> seeds_;
  int opened_ = 0, refused_ = 0, died_ = 0, late_ = 0, longestFile_ = 0;
  qint64 longest_ = 0;

  fs::path path(const std::string& name) const { return fs::path(folder_.path().toStdString()) / name; }

  void openDamaged(const fs::path& file) {
    try {
      fuzz::readEnds(*data::sources::openSource(file));
      ++opened_;
    } catch (const Error& error) {
      const std::string text = error.what();
      QVERIFY2(error.kind() == ErrorKind::BadData, text.c_str());
      const auto says = [&](const char* part) { return text.find(part) != std::string::npos; };
      const bool late = says("took too long") || says("Alarm clock");
      ++(late ? late_ : says("library crashed") || says("library ended early") ? died_ : refused_);
    }
  }

 private Q_SLOTS:
  void initTestCase() {
    std::vector<float> values(5UL * 2 * 3 * 4 * 4);
    std::iota(values.begin(), values.end(), -3.0F);
    const hid_t half = test::float16Type();
    test::writeH5(path("contiguous"), {{.type = half}}, values);
    test::writeH5(path("chunked"), {{.chunked = true}, {.type = H5T_STD_I64LE, .shape = {5}, .name = "keys"}}, values);
    test::writeH5(path("groups"), {{.name = "a/b/latents"}, {.shape = {4, 3}, .name = "a/other"}}, values);
    test::writeH5(path("big"), {{.type = H5T_IEEE_F64BE, .shape = {2, 3, 4, 4}, .name = "x"}}, values);
    writeChunks(path("latest"), values, true, true);
    writeChunks(path("plain"), values, false, false);
    writeChunks(path("plain latest"), values, true, false);
    H5Tclose(half);
    for (const auto* name : kWhole) seeds_.emplace_back(name, bytesOf(path(name)));
    const fs::path golden(DWB_SOURCE_DIR "/tests/golden/interop");
    for (const char* name : {"latents_rank4.h5", "bad_string.h5", "bad_zero_samples.h5"})
      seeds_.emplace_back(name, bytesOf(golden / name));
    for (const auto& [name, bytes] : seeds_) QVERIFY2(!bytes.empty(), name.c_str());
  }

  void wholeFilesOpen() {
    for (const auto* name : kWhole) fuzz::readEnds(*data::sources::openSource(path(name)));
  }

  /// The library opens a file whose chunks have fewer or more axes than the numbers.
  void chunksOfAnotherRankAreRefused() {
    auto bytes = bytesOf(path("plain"));
    const std::string axes("\2\0\0\0\2\0\0\0\4\0\0\0\4\0\0\0\4\0\0\0", 20);  // and the size of a number
    const auto at = bytes.find(axes);
    QVERIFY(at != std::string::npos && bytes[at - 9] == 5);  // their number stands before an address
    for (const char rank : {4, 6}) {
      bytes[at - 9] = rank;
      std::ofstream(path("rank.h5"), std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      QVERIFY2(refusal(path("rank.h5")).find("chunks of the shape") != std::string::npos,
               refusal(path("rank.h5")).c_str());
    }
  }

  /// A small file may say so, and each chunk would be looked up on its own.
  void chunksOfOneNumberAreRefused() {
    const hid_t file = H5Fcreate(path("tiny.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const std::array<hsize_t, 4> shape{1, 4, 200, 200}, chunk{1, 1, 1, 1};
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(4, shape.data(), nullptr);
    H5Pset_chunk(properties, 4, chunk.data());
    H5Dclose(H5Dcreate2(file, "latents", H5T_IEEE_F32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(properties);
    H5Fclose(file);
    QVERIFY2(refusal(path("tiny.h5")).find("65536 chunks") != std::string::npos, refusal(path("tiny.h5")).c_str());
  }

  void theProgramOutlivesEveryDamagedFile_data() {
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("to");
    const int asked = qEnvironmentVariableIntValue("DWB_H5_MUTATIONS"), count = asked > 0 ? asked : kInShort;
    for (int from = 0; from < count; from += kInARow)
      QTest::addRow("files from %d on", from) << from << std::min(from + kInARow, count);
  }

  void theProgramOutlivesEveryDamagedFile() {
    QFETCH(int, from);
    QFETCH(int, to);
    const auto before = peakKiB(RUSAGE_SELF);
    for (int i = from; i < to; ++i) {
      std::mt19937_64 random(static_cast<std::uint64_t>(i));
      const auto& [name, bytes] = seeds_[static_cast<std::size_t>(i) % seeds_.size()];
      const auto mutated = damaged(bytes, random);
      std::ofstream(path("damaged.h5"), std::ios::binary)
          .write(mutated.data(), static_cast<std::streamsize>(mutated.size()));
      QElapsedTimer timer;
      timer.start();
      openDamaged(path("damaged.h5"));
      if (QTest::currentTestFailed()) QFAIL(("file " + std::to_string(i) + ", made from " + name).c_str());
      if (timer.elapsed() > longest_) {
        longest_ = timer.elapsed();
        longestFile_ = i;
      }
    }
    QVERIFY(peakKiB(RUSAGE_SELF) - before < kMostGrowthKiB);
  }

  void someOpenSomeAreRefusedNoneTakesTooLong() {
    qInfo(
        "%d opened, %d refused, %d refused because the helper died, %d because it took too long; longest %lld ms (file "
        "%d); "
        "memory of a helper at most %ld MiB, of this program %ld MiB",
        opened_, refused_, died_, late_, longest_, longestFile_, peakKiB(RUSAGE_CHILDREN) >> 10,
        peakKiB(RUSAGE_SELF) >> 10);
    QVERIFY(opened_ > 0 && refused_ > 0);
    QCOMPARE(late_, 0);
  }
};

QTEST_APPLESS_MAIN(TestH5Mutations)
#include "tst_h5_mutations.moc"
