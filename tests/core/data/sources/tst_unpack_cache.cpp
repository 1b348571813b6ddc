// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>
#include <zlib.h>

#include "../../../support/h5_builder.h"
#include "../../../support/pt_builder.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"
#include "data/unpack_cache.h"
#include "formats/inflate_stream.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::sources;
using namespace dw::data::sources;

namespace {

std::string gzipOf(const std::string& plain) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(compressBound(plain.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  deflate(&z, Z_FINISH);
  packed.resize(packed.size() - z.avail_out);
  deflateEnd(&z);
  return packed;
}

std::string npyOf(float first) {
  std::string npy = test::npyHead("<f4", "5, 2, 3, 4, 4");
  for (int i = 0; i < 480; ++i) {
    const float value = first + static_cast<float>(i);
    npy.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return npy;
}

float firstOf(const LatentSource& source) {
  const std::int64_t zero = 0;
  std::vector<float> out(static_cast<std::size_t>(source.info().sampleSize()));
  source.read({&zero, 1}, {&zero, 1}, out);
  return out[0];
}

std::vector<std::byte> bytesOf(const ReadFile& file) {
  std::vector<std::byte> bytes(file.size());
  file.read(0, bytes);
  return bytes;
}

}  // namespace

class TestUnpackCache : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<QTemporaryDir> cache_;
  int made_ = 0;

  std::filesystem::path at(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  std::filesystem::path cache() const { return cache_->path().toStdString(); }
  int count(const char* ending) const {
    int found = 0;
    for (const auto& file : std::filesystem::directory_iterator(cache()))
      found += file.path().extension() == ending ? 1 : 0;
    return found;
  }
  /// An entry of that many MiB for the array `what` of the file.
  std::shared_ptr<const ReadFile> entry(const ReadFile& file, const std::string& what, std::size_t mib,
                                        const OpenOptions& options = {}) {
    return unpackedFile({.original = file, .what = what, .bytes = mib << 20}, options, [&](const Put& put) {
      ++made_;
      const std::vector<std::byte> bytes(1 << 20, std::byte{static_cast<unsigned char>(what[0])});
      for (std::size_t i = 0; i < mib; ++i) put(bytes, static_cast<double>(i) / static_cast<double>(mib));
    });
  }

 private Q_SLOTS:
  void init() {
    cache_ = std::make_unique<QTemporaryDir>();
    qputenv("DWB_CACHE", cache_->path().toUtf8());
    qunsetenv("DWB_CACHE_GIB");
    made_ = 0;
    test::writeFile(at("original"), "packed");
  }

  void isMadeOnceForOneStateOfTheFile() {
    const ReadFile file(at("original"));
    QVERIFY(!unpackedBefore({.original = file, .what = "a", .bytes = 2 << 20}));
    const auto first = bytesOf(*entry(file, "a", 2));
    QVERIFY(bytesOf(*entry(file, "a", 2)) == first);
    QCOMPARE(made_, 1);
    QVERIFY(unpackedBefore({.original = file, .what = "a", .bytes = 2 << 20}));
    QVERIFY(!unpackedBefore({.original = file, .what = "a", .bytes = 3 << 20}));
    entry(file, "b", 2);
    QCOMPARE(made_, 2);
    QTest::qWait(20);
    test::writeFile(at("original"), "PACKED");  // same size, another date
    entry(ReadFile(at("original")), "a", 2);
    QCOMPARE(made_, 3);
  }

  void aDamagedEntryIsMadeAgain() {
    const ReadFile file(at("original"));
    const auto path = entry(file, "a", 2)->path();
    std::filesystem::resize_file(path, 1 << 20);
    entry(file, "a", 2);
    QCOMPARE(made_, 2);
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(5).put('x');
    entry(file, "a", 2);
    QCOMPARE(made_, 3);
    auto facts = path;
    test::writeFile(facts.replace_extension(".json"), "{\"bytes\":");
    entry(file, "a", 2);
    QCOMPARE(made_, 4);
  }

  void theLeastUsedGivesWay() {
    qputenv("DWB_CACHE_GIB", "0.19");  // 194 MiB
    const ReadFile file(at("original"));
    entry(file, "a", 70);
    QTest::qWait(20);
    entry(file, "b", 70);
    QTest::qWait(20);
    entry(file, "a", 70);  // used again: b is the oldest now
    QTest::qWait(20);
    entry(file, "c", 70);
    QCOMPARE(made_, 3);
    QVERIFY(unpackedBefore({.original = file, .what = "a"}));
    QVERIFY(!unpackedBefore({.original = file, .what = "b"}));
    QVERIFY(unpackedBefore({.original = file, .what = "c"}));
    try {
      entry(file, "d", 300);
      QFAIL("more than the cap was not refused");
    } catch (const Error& e) {
      QCOMPARE(int(e.kind()), int(ErrorKind::DiskFull));
      QVERIFY(e.remedy().find("DWB_CACHE_GIB") != std::string::npos);
    }
    QVERIFY(unpackedBefore({.original = file, .what = "a"}));  // nothing was given up for what is refused
  }

  void stoppingLeavesNothing() {
    const ReadFile file(at("original"));
    OpenOptions options;
    options.progress = [](const std::string&, double fraction) { return fraction < 0.5; };
    try {
      entry(file, "a", 4, options);
      QFAIL("was not stopped");
    } catch (const Error& e) {
      QCOMPARE(int(e.kind()), int(ErrorKind::Cancelled));
    }
    QCOMPARE(count(".part") + count(".data") + count(".json"), 0);
  }

  void whatAKilledProcessLeftIsSwept() {
    test::writeFile(cache() / "0123.part", "half");
    test::writeFile(cache() / "4567.data", "no facts");
    const ReadFile file(at("original"));
    entry(file, "a", 1);
    QCOMPARE(count(".part"), 0);
    QCOMPARE(count(".data"), 1);
  }

  void oneUnpacksAndOthersWait() {
    const ReadFile file(at("original"));
    std::atomic<int> made{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const auto got = unpackedFile({.original = file, .what = "a"}, {}, [&](const Put& put) {
          ++made;
          std::this_thread::sleep_for(std::chrono::milliseconds(100));
          put(std::vector<std::byte>(1000, std::byte{7}), 1.0);
        });
        if (got->size() != 1000) made += 100;
      });
    }
    threads.clear();
    QCOMPARE(made.load(), 1);
    const FileLock held(cache() / "lock");
    OpenOptions options;
    options.progress = [](const std::string& activity, double) {
      return activity.find("waiting") == std::string::npos;
    };
    QVERIFY_EXCEPTION_THROWN(entry(file, "b", 1, options), Error);
    entry(file, "a", 0, options);  // there already: needs no lock
  }

  void gzippedFilesOfAnyFormat() {
    test::writeFile(at("a.npy.gz"), gzipOf(npyOf(3.0F)));
    const auto source = openSource(at("a.npy.gz"));
    QCOMPARE(firstOf(*source), 3.0F);
    QCOMPARE(source->info().path, at("a.npy.gz"));
    QCOMPARE(source->info().bytes, std::uint64_t{std::filesystem::file_size(at("a.npy.gz"))});
    QCOMPARE(source->info().format, std::string("npy"));
    QCOMPARE(count(".data"), 1);
    QTest::qWait(20);
    test::writeFile(at("a.npy.gz"), gzipOf(npyOf(4.0F)));
    QCOMPARE(firstOf(*openSource(at("a.npy.gz"))), 4.0F);  // not the old entry
    QCOMPARE(firstOf(*source), 3.0F);

    std::vector<float> values(480);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) + 9.0F;
    test::writeH5(at("b.h5"), {{.chunk = {2, 2, 3, 4, 4}}}, values);
    std::ifstream plain(at("b.h5"), std::ios::binary);
    test::writeFile(at("b.h5.gz"), gzipOf(std::string(std::istreambuf_iterator<char>(plain), {})));
    QCOMPARE(firstOf(*openSource(at("b.h5.gz"))), 9.0F);
  }

  void damagedGzipIsRefused() {
    const auto packed = gzipOf(npyOf(3.0F));
    for (const auto& bad : {packed.substr(0, packed.size() / 2), packed.substr(0, 12), gzipOf(packed),
                            gzipOf("no data at all"), gzipOf("")}) {
      test::writeFile(at("bad.gz"), bad);
      QVERIFY_EXCEPTION_THROWN(openSource(at("bad.gz")), Error);
      QCOMPARE(count(".part"), 0);
    }
  }

  void inflatesInPortions() {
    std::string plain(5'000'000, 'a');
    for (std::size_t i = 0; i < plain.size(); i += 7) plain[i] = static_cast<char>(i * i);
    test::writeFile(at("two.gz"), gzipOf(plain) + gzipOf("end"));
    const ReadFile file(at("two.gz"));
    std::string got;
    std::uint64_t before = 0;
    const auto crc =
        formats::inflateFile(file, 0, file.size(), true, [&](std::span<const std::byte> bytes, std::uint64_t done) {
          if (bytes.size() > (1U << 20) || done < before || done > file.size()) qFatal("portion");
          before = done;
          got.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        });
    QVERIFY(got == plain + "end");
    QCOMPARE(before, file.size());
    QCOMPARE(crc, static_cast<std::uint32_t>(
                      crc32(0, reinterpret_cast<const Bytef*>(got.data()), static_cast<uInt>(got.size()))));
  }

  void packedChunksAreUnpackedOnWish() {
    std::vector<float> values(480);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) + 1.0F;
    for (const std::string axes : {"BTCHW", "BTHWC", "TBCHW"}) {
      test::writeH5(at("p.h5"), {{.chunked = true}, {.shape = {5, 2, 3}, .chunked = true, .name = "context"}}, values);
      const OpenOptions options{.axes = axes == "TBCHW" ? "" : axes};
      const auto packed = openSource(at("p.h5"), options);
      const auto entries = count(".data");
      int told = 0;
      auto wish = options;
      wish.unpack = true;
      wish.progress = [&](const std::string&, double) { return ++told > 0; };
      const auto unpacked = openSource(at("p.h5"), wish);
      QVERIFY(told > 0);
      QCOMPARE(count(".data"), entries + 2);
      std::vector<float> a(static_cast<std::size_t>(packed->info().sampleSize())), b = a;
      for (std::int64_t sample = 0; sample < 5; ++sample) {
        const std::int64_t crop = 1;
        packed->read({&sample, 1}, {&crop, 1}, a);
        unpacked->read({&sample, 1}, {&crop, 1}, b);
        QCOMPARE(b, a);
      }
      QCOMPARE(firstOf(*unpacked->context()), 1.0F);
      QTest::qWait(20);
    }
  }
};

QTEST_GUILESS_MAIN(TestUnpackCache)
#include "tst_unpack_cache.moc"
