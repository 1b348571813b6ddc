// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "../../../support/pt_builder.h"
#include "base/error.h"
#include "base/half.h"
#include "data/sources/open_source.h"
#include "data/writers/convert.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::sources;
using namespace dw::data::writers;
using namespace dw::data::sources;
using namespace dw::data::writers;

namespace {

/// Two context vectors of three numbers for each sample.
class FakeContext : public LatentSource {
 public:
  explicit FakeContext(std::int64_t samples) {
    info_.samples = samples;
    info_.channels = 1;
    info_.height = 2;
    info_.width = 3;
    info_.dtype = "float16";
  }
  const SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t>, std::span<float> out) const override {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<float>(samples[i / 6] % 1000 * 6) + static_cast<float>(i % 6) / 2.0F;
  }

 private:
  SourceInfo info_;
};

/// Numbers that float16 does not hold exactly, so that a change of type shows.
class FakeSource : public LatentSource {
 public:
  explicit FakeSource(bool cropAxis = true, bool beside = true, const char* dtype = "float32",
                      std::int64_t samples = 7) {
    info_.path = "fake";
    info_.dtype = dtype;
    info_.samples = samples;
    info_.hasCropAxis = cropAxis;
    info_.crops = cropAxis ? 3 : 1;
    info_.channels = 2;
    info_.height = 4;
    info_.width = 5;
    if (beside) {
      info_.classNames = {"a", "b \"quoted\"", "한국"};
      context_ = std::make_unique<FakeContext>(samples);
    }
    for (std::int64_t i = 0; beside && i < samples; ++i) {
      labels_.push_back(i % 3);
      keys_.push_back(1'000'000'000'000 + i);
    }
  }
  const SourceInfo& info() const override { return info_; }
  std::span<const std::int64_t> labels() const override { return labels_; }
  std::span<const std::int64_t> keys() const override { return keys_; }
  const LatentSource* context() const override { return context_.get(); }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto n = static_cast<std::size_t>(samples[i / 40] * info_.crops + crops[i / 40]) * 40 + i % 40;
      out[i] = n == special ? value : static_cast<float>(n) / 7.0F - 50.0F;
    }
  }
  std::size_t special = std::numeric_limits<std::size_t>::max();
  float value = 0.0F;

 private:
  SourceInfo info_;
  std::vector<std::int64_t> labels_, keys_;
  std::unique_ptr<FakeContext> context_;
};

std::vector<float> allOf(const LatentSource& source) {
  std::vector<std::int64_t> samples, crops;
  for (std::int64_t i = 0; i < source.info().samples * source.info().crops; ++i) {
    samples.push_back(i / source.info().crops);
    crops.push_back(i % source.info().crops);
  }
  std::vector<float> values(samples.size() * static_cast<std::size_t>(source.info().sampleSize()));
  source.read(samples, crops, values);
  return values;
}

template <typename T>
std::vector<T> copyOf(std::span<const T> values) {
  return {values.begin(), values.end()};
}

}  // namespace

class TestConvert : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path at(const std::string& name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  std::size_t filesThere() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(at("")), {}));
  }
  /// Name of the kind of Error, "" if there is none.
  std::string kindOf(const LatentSource& source, const std::filesystem::path& out,
                     const ConvertSettings& settings = {}) const {
    try {
      convertDataset(source, out, settings);
    } catch (const Error& e) {
      return nameOf(e.kind());
    }
    return {};
  }

 private Q_SLOTS:
  void roundTrips_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"a.h5", "b.hdf5", "c.npz", "d.safetensors"})
      QTest::newRow(name) << QString::fromLatin1(name);
  }
  void roundTrips() {
    QFETCH(QString, name);
    const auto out = at(name.toStdString());
    for (const bool crops : {true, false}) {
      for (const bool beside : {true, false}) {
        for (const char* dtype : {"f32", "f16"}) {
          for (const std::int64_t chunk : {0, 3}) {
            const FakeSource source(crops, beside);
            QVERIFY(convertDataset(source, out, {.dtype = dtype, .chunk = chunk, .overwrite = true}));
            const auto got = openSource(out);
            QCOMPARE(got->info().dtype, std::string(dtype == std::string("f16") ? "float16" : "float32"));
            QCOMPARE(got->info().dataset, std::string("latents"));
            QCOMPARE(got->info().hasCropAxis, crops);
            QCOMPARE(copyOf(got->labels()), copyOf(source.labels()));
            QCOMPARE(copyOf(got->keys()), copyOf(source.keys()));
            QCOMPARE(got->info().classNames, source.info().classNames);
            QCOMPARE(got->context() != nullptr, beside);
            if (beside) {
              QCOMPARE(got->context()->info().height, std::int64_t{2});
              QCOMPARE(allOf(*got->context()), allOf(*source.context()));
            }
            auto want = allOf(source);
            if (dtype == std::string("f16"))
              std::transform(want.begin(), want.end(), want.begin(),
                             [](float x) { return halfToFloat(floatToHalf(x)); });
            QCOMPARE(allOf(*got), want);
          }
        }
      }
    }
  }

  void throughAllFormatsAndBack() {
    const auto demo = openSource("demo");
    QVERIFY(convertDataset(*demo, at("1.npz"), {}));
    QVERIFY(convertDataset(*openSource(at("1.npz")), at("2.safetensors"), {}));
    QVERIFY(convertDataset(*openSource(at("2.safetensors")), at("3.h5"), {.chunk = 64}));
    QVERIFY(convertDataset(*openSource(at("3.h5")), at("4.npz"), {}));
    const auto last = openSource(at("4.npz"));
    QCOMPARE(last->info().dtype, std::string("float16"));
    QCOMPARE(copyOf(last->labels()), copyOf(demo->labels()));
    QVERIFY(allOf(*last) == allOf(*demo));
    QFile first(QString::fromStdString(at("1.npz").string())), again(QString::fromStdString(at("4.npz").string()));
    QVERIFY(first.open(QIODevice::ReadOnly) && again.open(QIODevice::ReadOnly));
    QVERIFY(first.readAll() == again.readAll());
  }

  void unfitDataLeaveNothingBehind() {
    const auto before = filesThere();
    FakeSource source;
    source.special = 333;
    for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
      source.value = bad;
      QCOMPARE(kindOf(source, at("n.h5")), std::string("bad_data"));
    }
    source.value = 65520.0F;  // the first number that float16 rounds to infinity
    QCOMPARE(kindOf(source, at("n.npz"), {.dtype = "f16"}), std::string("bad_data"));
    QCOMPARE(filesThere(), before);
    QCOMPARE(kindOf(source, at("n.npz"), {.dtype = "f32"}), std::string());
    source.value = 65519.0F;
    QCOMPARE(kindOf(source, at("n.npz"), {.dtype = "f16", .overwrite = true}), std::string());
  }

  void wrongUseIsNamed() {
    const FakeSource source;
    for (const char* name : {"x.pt", "x", "x.csv"}) QCOMPARE(kindOf(source, at(name)), std::string("usage"));
    QCOMPARE(kindOf(source, at("x.h5"), {.dtype = "int8"}), std::string("usage"));
    for (const std::int64_t chunk : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()})
      QCOMPARE(kindOf(source, at("x.h5"), {.chunk = chunk}), std::string("usage"));
    const FakeSource many(true, false, "float32", 100'000'000);  // refused before anything is read
    QCOMPARE(kindOf(many, at("x.h5"), {.chunk = 100'000'000}), std::string("usage"));
    QVERIFY(!kindOf(source, at("no/such/folder/x.h5")).empty());
    test::writeFile(at("there.h5"), "something dear");
    QCOMPARE(kindOf(source, at("there.h5")), std::string("usage"));
    QCOMPARE(std::filesystem::file_size(at("there.h5")), std::uintmax_t{14});
    QVERIFY(convertDataset(source, at("there.h5"), {.overwrite = true}));
    const auto self = openSource(at("there.h5"));
    QCOMPARE(kindOf(*self, at("there.h5"), {.overwrite = true}), std::string("usage"));
  }

  void stoppedAtAnyMomentLeavesNothingBehind() {
    const FakeSource source(true, true, "float32", 40'000);  // 4,800,000 numbers: two blocks
    for (const char* name : {"s.h5", "s.npz", "s.safetensors"}) {
      const auto before = filesThere();
      double last = 0.0;
      int calls = 0;
      QVERIFY(convertDataset(source, at(name), {}, [&](double fraction) {
        ++calls;
        const bool rises = fraction >= last && fraction <= 1.0;
        last = fraction;
        return rises;
      }));
      QVERIFY(calls >= 3);
      QCOMPARE(last, 1.0);
      std::filesystem::remove(at(name));
      for (int stopAt = 1; stopAt <= calls; ++stopAt) {
        int call = 0;
        QVERIFY(!convertDataset(source, at(name), {}, [&](double) { return ++call < stopAt; }));
        QCOMPARE(filesThere(), before);
      }
    }
  }

  /// As on a full disk, writing fails half way. HDF5 must not take the program down at its end either.
  void aDiskThatRefusesIsAnError() {
    const FakeSource source(true, true, "float32", 40'000);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit little = before;
    little.rlim_cur = 10U << 20;  // of 19 MB
    const auto previous = std::signal(SIGXFSZ, SIG_IGN);
    const auto there = filesThere();
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &little), 0);
    std::vector<std::string> kinds;
    for (const char* name : {"r.h5", "r.npz", "r.safetensors"}) kinds.push_back(kindOf(source, at(name)));
    kinds.push_back(kindOf(source, at("r.h5"), {.dtype = {}, .chunk = 64}));
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, previous);
    for (const auto& kind : kinds) QCOMPARE(kind, std::string("io"));
    QCOMPARE(filesThere(), there);
  }
};

QTEST_APPLESS_MAIN(TestConvert)
#include "tst_convert.moc"
