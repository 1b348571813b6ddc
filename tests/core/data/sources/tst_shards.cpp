// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: sharded_source
#include <QtTest>

#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "../../../support/pt_builder.h"
#include "base/error.h"
#include "data/dataset_identity.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"
#include "data/sources/sharded_source.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::sources;
using namespace dw::data::sources;
namespace pickle = dw::test::pickle;

namespace {

constexpr std::int64_t kCrops = 3, kSide = 2, kSampleSize = kSide * kSide;

template <typename T>
std::string bytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// {'keys': (N,), 'latents': (N, 3, 1, 2, 2)} as the public latents are cut up. Each number is 1000 * sample + place in it.
std::string shard(std::int64_t first, std::int64_t samples, bool keys = true, std::int64_t side = kSide,
                  std::int64_t contextDim = 0) {
  const auto size = kCrops * side * side;
  std::vector<float> values;
  std::vector<std::int64_t> ids;
  for (std::int64_t n = 0; n < samples; ++n) {
    ids.push_back(100 + first + n);
    for (std::int64_t i = 0; i < size; ++i) values.push_back(static_cast<float>(1000 * (first + n) + i));
  }
  auto entries =
      pickle::text("latents") + pickle::tensor("FloatStorage", "0", samples * size, 0, {samples, kCrops, 1, side, side},
                                               {size, side * side, side * side, side, 1});
  if (keys) entries += pickle::text("keys") + pickle::tensor("LongStorage", "1", samples, 0, {samples}, {1});
  std::vector<float> context;  // 1000 * sample + place, too
  for (std::int64_t i = 0; i < samples * contextDim; ++i)
    context.push_back(static_cast<float>(1000 * (first + i / contextDim) + i % contextDim));
  if (contextDim > 0)
    entries += pickle::text("context") +
               pickle::tensor("FloatStorage", "2", samples * contextDim, 0, {samples, contextDim}, {contextDim, 1});
  return test::zipOf({{"archive/data.pkl", pickle::whole("}(" + entries + "u")},
                      {"archive/data/0", bytesOf(values)},
                      {"archive/data/1", bytesOf(ids)},
                      {"archive/data/2", bytesOf(context)}});
}

}  // namespace

class TestShards : public QObject {
  Q_OBJECT

  std::filesystem::path in(const QTemporaryDir& folder, const std::string& name = {}) const {
    return std::filesystem::path(folder.path().toStdString()) / name;
  }
  static std::string refusal(const std::filesystem::path& path) {
    try {
      openSource(path);
    } catch (const Error& e) {
      return e.what();
    }
    return {};
  }

 private Q_SLOTS:
  void contextVectorsAreJoined() {
    const QTemporaryDir folder;
    test::writeFile(in(folder, "a.pt"), shard(0, 4, true, kSide, 3));
    test::writeFile(in(folder, "b.pt"), shard(4, 6, true, kSide, 3));
    const auto source = openSource(in(folder));
    QVERIFY(source->context() != nullptr);
    QCOMPARE(source->context()->info().samples, std::int64_t{10});
    const std::vector<std::int64_t> samples{9, 2, 4}, crops{0, 0, 0};
    std::vector<float> values(9);
    source->context()->read(samples, crops, values);
    QCOMPARE(values, (std::vector<float>{9000, 9001, 9002, 2000, 2001, 2002, 4000, 4001, 4002}));
    test::writeFile(in(folder, "c.pt"), shard(10, 2));
    QVERIFY(refusal(in(folder)).find("context") != std::string::npos);
    test::writeFile(in(folder, "c.pt"), shard(10, 2, true, kSide, 5));
    QVERIFY(refusal(in(folder)).find("context") != std::string::npos);
  }

  void manyFilesAreOneDataset() {
    const QTemporaryDir folder;
    const std::vector<std::int64_t> sizes{5, 1, 7};
    std::int64_t first = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      test::writeFile(in(folder, "part-" + std::to_string(i) + ".pt"), shard(first, sizes[i]));
      first += sizes[i];
    }
    test::writeFile(in(folder, "readme.txt"), "not latents");
    for (const auto& path : {in(folder), in(folder, "part-*.pt"), in(folder, "*-?.pt")}) {
      const auto source = openSource(path);
      QCOMPARE(source->info().samples, std::int64_t{13});
      QCOMPARE(source->info().crops, kCrops);
      QCOMPARE(source->info().files, std::int64_t{3});
      QCOMPARE(source->info().format, std::string("pt"));
      QCOMPARE(source->info().path, path);
      for (std::size_t i = 0; i < 13; ++i) QCOMPARE(source->keys()[i], static_cast<std::int64_t>(100 + i));
      const std::vector<std::int64_t> samples{12, 0, 5, 6, 5, 4, 11}, crops{0, 1, 2, 0, 1, 2, 0};
      std::vector<float> values(samples.size() * kSampleSize);
      source->read(samples, crops, values);
      for (std::size_t i = 0; i < samples.size(); ++i)
        QCOMPARE(values[i * kSampleSize + 1], static_cast<float>(1000 * samples[i] + crops[i] * kSampleSize + 1));
    }
    QCOMPARE(openSource(in(folder, "part-1*"))->info().files, std::int64_t{1});
    QVERIFY(refusal(in(folder, "part-9*.pt")).find("fits this pattern") != std::string::npos);
    QCOMPARE(datasetIdentity(*openSource(in(folder))).sha256, datasetIdentity(*openSource(in(folder, "*.pt"))).sha256);
  }

  void filesThatDoNotBelongTogetherAreNamed() {
    const QTemporaryDir folder;
    test::writeFile(in(folder, "a.pt"), shard(0, 3));
    test::writeFile(in(folder, "b.pt"), shard(3, 3));
    test::writeFile(in(folder, "c.pt"), shard(6, 3, true, 4));
    auto sentence = refusal(in(folder));
    QVERIFY2(sentence.find("c.pt") != std::string::npos && sentence.find("(3, 1, 4, 4)") != std::string::npos,
             sentence.c_str());
    test::writeFile(in(folder, "c.pt"), shard(6, 3, false));
    sentence = refusal(in(folder));
    QVERIFY2(sentence.find("it has no keys, but a.pt has") != std::string::npos, sentence.c_str());
    test::writeFile(in(folder, "c.pt"), shard(6, 3).substr(0, 100));
    QVERIFY(refusal(in(folder)).find("c.pt") != std::string::npos);
  }

  /// More files than the process may have open, read at random by several threads.
  void fewStayOpen() {
    const QTemporaryDir folder;
    constexpr std::int64_t kFiles = 300;
    for (std::int64_t i = 0; i < kFiles; ++i)
      test::writeFile(in(folder, QString::asprintf("%04d.pt", static_cast<int>(i)).toStdString()), shard(2 * i, 2));
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit few = before;
    few.rlim_cur = 100;
    QCOMPARE(setrlimit(RLIMIT_NOFILE, &few), 0);
    std::atomic<int> wrong{0};
    {
      const auto source = openSource(in(folder));
      QCOMPARE(source->info().samples, 2 * kFiles);
      std::vector<std::jthread> threads;
      for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
          for (std::int64_t k = 0; k < 400; ++k) {
            const std::int64_t sample = (k * 37 + t * 101) % (2 * kFiles), crop = k % kCrops;
            std::vector<float> values(kSampleSize);
            source->read({&sample, 1}, {&crop, 1}, values);
            wrong += values[0] == static_cast<float>(1000 * sample + crop * kSampleSize) ? 0 : 1;
          }
        });
      }
    }
    setrlimit(RLIMIT_NOFILE, &before);
    QCOMPARE(wrong.load(), 0);
  }

  void aFileThatChangesIsAnError() {
    const QTemporaryDir folder;
    for (int i = 0; i < 70; ++i)
      test::writeFile(in(folder, QString::asprintf("%02d.pt", i).toStdString()), shard(i, 1));
    const auto source = openSource(in(folder));
    const std::int64_t other = 68, none = 0;
    std::vector<float> one(kSampleSize);
    QTest::qSleep(20);
    test::writeFile(in(folder, "68.pt"), shard(7, 1));  // not open now; the same size, other numbers
    QVERIFY_EXCEPTION_THROWN(source->read({&other, 1}, {&none, 1}, one), Error);
    test::writeFile(in(folder, "69.pt"), shard(69, 2));  // not among the 64 that are open
    const std::int64_t sample = 69, crop = 0;
    std::vector<float> values(kSampleSize);
    try {
      source->read({&sample, 1}, {&crop, 1}, values);
      QFAIL("the changed file was read");
    } catch (const Error& e) {
      QVERIFY2(std::string(e.what()).find("has changed") != std::string::npos, e.what());
    }
    std::filesystem::remove(in(folder, "69.pt"));
    QVERIFY_EXCEPTION_THROWN(source->read({&sample, 1}, {&crop, 1}, values), Error);
  }
};

QTEST_APPLESS_MAIN(TestShards)
#include "tst_shards.moc"
