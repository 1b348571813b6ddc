// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: latent_source, format_table
#include <QtTest>

#include <atomic>
#include <set>
#include <thread>

#include "../../../support/h5_builder.h"
#include "../../../support/pt_builder.h"
#include "base/child_process.h"
#include "base/error.h"
#include "base/half.h"
#include "data/channel_statistics.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"
#include "formats/safetensors.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::sources;
using namespace dw::data::sources;
using dw::test::float16Type;
namespace pickle = dw::test::pickle;

namespace {

constexpr std::int64_t kSamples = 5, kCrops = 2, kChannels = 3, kSide = 4,
                       kCount = kSamples * kCrops * kChannels * kSide * kSide;

std::vector<float> numbers() {
  std::vector<float> values;
  for (std::int64_t i = 0; i < kCount; ++i) values.push_back(static_cast<float>(i) / 8.0F - 20.0F);  // exact in float16
  return values;
}

template <typename T>
std::string bytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string halves() {
  std::vector<std::uint16_t> bits;
  for (const float value : numbers()) bits.push_back(floatToHalf(value));
  return bytesOf(bits);
}

/// {'latents': float16 tensor} as torch.save writes it.
std::string ptFile(const std::string& entries, const std::vector<std::pair<std::string, std::string>>& storages) {
  std::vector<std::pair<std::string, std::string>> records{{"archive/data.pkl", pickle::whole("}(" + entries + "u")}};
  for (const auto& [key, bytes] : storages) records.emplace_back("archive/data/" + key, bytes);
  return test::zipOf(records);
}

std::string latentsEntry() {
  return pickle::text("latents") +
         pickle::tensor("HalfStorage", "0", kCount, 0, {kSamples, kCrops, kChannels, kSide, kSide}, {96, 48, 16, 4, 1});
}

void writeH5(const std::filesystem::path& path, const std::vector<test::H5Options>& datasets) {
  test::writeH5(path, datasets, numbers());
}

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

}  // namespace

class TestSources : public QObject {
  Q_OBJECT

 private:
  std::filesystem::path at(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }
  std::string refusal(const std::filesystem::path& path, const std::string& dataset = {}) const {
    try {
      openSource(path, {.dataset = dataset});
    } catch (const Error& error) {
      return std::string(error.what()) + " | " + error.remedy();
    }
    return {};
  }
  void verifyRefusal(const std::filesystem::path& path, const char* word, const std::string& dataset = {}) const {
    const auto sentence = refusal(path, dataset);
    QVERIFY2(sentence.find(word) != std::string::npos, (std::string("'") + word + "' is not in: " + sentence).c_str());
  }
  QTemporaryDir folder_;

 private Q_SLOTS:
  void ptZip() {
    const std::vector<std::int64_t> keys{11, 12, 13, 14, 15};
    test::writeFile(at("a.pt"),
                    ptFile(latentsEntry() + pickle::text("keys") + pickle::tensor("LongStorage", "1", 5, 0, {5}, {1}),
                           {{"0", halves()}, {"1", bytesOf(keys)}}));
    const auto source = openSource(at("a.pt"));
    QCOMPARE(allOf(*source), numbers());
    QCOMPARE(source->info().dtype, std::string("float16"));
    QVERIFY(std::equal(keys.begin(), keys.end(), source->keys().begin(), source->keys().end()));
  }

  void ptManyKeysInPieces() {
    constexpr std::int64_t kMany = 140'000, kStride = 2;  // more than what is read at once
    std::vector<std::int64_t> stored(kMany * kStride), expected;
    for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<std::int64_t>(i) * 7 - 5;
    for (std::size_t i = 0; i < stored.size(); i += kStride) expected.push_back(stored[i]);
    const std::vector<std::uint16_t> zeros(kMany);
    test::writeFile(
        at("many.pt"),
        ptFile(pickle::text("latents") + pickle::tensor("HalfStorage", "0", kMany, 0, {kMany, 1, 1, 1}, {1, 1, 1, 1}) +
                   pickle::text("keys") + pickle::tensor("LongStorage", "1", kMany * kStride, 0, {kMany}, {kStride}),
               {{"0", bytesOf(zeros)}, {"1", bytesOf(stored)}}));
    const auto source = openSource(at("many.pt"));
    QVERIFY(std::equal(expected.begin(), expected.end(), source->keys().begin(), source->keys().end()));
  }

  void ptStridedView() {
    // channels and rows swapped, first sample left out: strides of a transposed view with an offset
    const auto entry =
        pickle::text("latents") + pickle::tensor("HalfStorage", "0", kCount, 96, {4, 2, 4, 3, 4}, {96, 48, 4, 16, 1});
    test::writeFile(at("b.pt"), ptFile(entry, {{"0", halves()}}));
    const auto got = allOf(*openSource(at("b.pt")));
    const auto all = numbers();
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto n = i / 96, t = i / 48 % 2, c = i / 12 % 4, h = i / 4 % 3, w = i % 4;
      QCOMPARE(got[i], all[96 + n * 96 + t * 48 + c * 4 + h * 16 + w]);
    }
  }

  void ptRefusals() {
    test::writeFile(at("c.pt"), ptFile(pickle::text("pictures") + pickle::tensor("HalfStorage", "0", kCount, 0,
                                                                                 {5, 2, 3, 4, 4}, {96, 48, 16, 4, 1}),
                                       {{"0", halves()}}));
    verifyRefusal(at("c.pt"), "'pictures'");
    QVERIFY(refusal(at("c.pt"), "pictures").empty());
    test::writeFile(at("c.pt"), ptFile(pickle::text("latents") + pickle::tensor("IntStorage", "0", 240, 0,
                                                                                {5, 1, 3, 4, 4}, {48, 48, 16, 4, 1}),
                                       {{"0", std::string(960, 'x')}}));
    verifyRefusal(at("c.pt"), "int32");
    test::writeFile(at("c.pt"), ptFile(latentsEntry(), {{"0", halves().substr(2)}}));
    verifyRefusal(at("c.pt"), "more numbers than are stored");
    test::writeFile(at("c.pt"),
                    ptFile(pickle::text("latents") +
                               pickle::tensor("HalfStorage", "0", 96, 0, {1 << 30, 2, 3, 4, 4}, {0, 48, 16, 4, 1}),
                           {{"0", halves()}}));
    verifyRefusal(at("c.pt"), "contiguous");
    test::writeFile(at("c.pt"), ptFile(pickle::text("latents") + pickle::tensor("HalfStorage", "0", 0, 0,
                                                                                {0, 2, 3, 4, 4}, {96, 48, 16, 4, 1}),
                                       {{"0", ""}}));
    verifyRefusal(at("c.pt"), "no samples");
  }

  void everyTruncationIsRefused() {
    test::writeFile(at("good.pt"), ptFile(latentsEntry(), {{"0", halves()}}));
    writeH5(at("good.h5"), {{}});
    for (const auto& [name, step] : {std::pair{"good.pt", 7}, {"good.h5", 97}}) {
      const auto size = std::filesystem::file_size(at(name));
      for (std::uint64_t n = 0; n < size; n += static_cast<std::uint64_t>(step)) {
        std::filesystem::copy_file(at(name), at("cut"), std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(at("cut"), n);
        QVERIFY2(!refusal(at("cut")).empty(),
                 qPrintable(QStringLiteral("%1 cut at %2").arg(QLatin1String(name)).arg(n)));
      }
    }
  }

  void hdf5Types() {
    for (const hid_t type : {float16Type(), H5Tcopy(H5T_IEEE_F32LE), H5Tcopy(H5T_IEEE_F32BE), H5Tcopy(H5T_IEEE_F64LE),
                             H5Tcopy(H5T_IEEE_F64BE)}) {
      for (const bool chunked : {false, true}) {
        writeH5(at("t.h5"), {{.type = type, .chunked = chunked}});
        QCOMPARE(allOf(*openSource(at("t.h5"))), numbers());
      }
      H5Tclose(type);
    }
  }

  void hdf5Choice() {
    writeH5(at("d.h5"), {{.name = "train/z"}});
    QCOMPARE(openSource(at("d.h5"))->info().dataset, std::string("train/z"));
    writeH5(at("d.h5"), {{.name = "train/z"}, {.shape = {5, 3, 4, 4}, .name = "test/z"}});
    verifyRefusal(at("d.h5"), "test/z float32 (5, 3, 4, 4)");
    QCOMPARE(openSource(at("d.h5"), {.dataset = "test/z"})->info().crops, std::int64_t{1});
    verifyRefusal(at("d.h5"), "several datasets are called 'z'", "z");
    verifyRefusal(at("d.h5"), "there is no dataset 'y'", "y");
    writeH5(at("d.h5"), {{.type = H5T_STD_I16LE}});
    verifyRefusal(at("d.h5"), "int16");
    writeH5(at("d.h5"), {{.shape = {20, 24}}});
    verifyRefusal(at("d.h5"), "rank 2");
    writeH5(at("d.h5"), {{.shape = {0, 2, 3, 4, 4}}});
    verifyRefusal(at("d.h5"), "no samples");
    writeH5(at("d.h5"), {});
    verifyRefusal(at("d.h5"), "datasets in the file: none");
    writeH5(at("d.h5"), {{.shape = {1ULL << 50, 2, 3, 4, 4}, .chunked = true}});
    verifyRefusal(at("d.h5"), "far more numbers");
  }

  void damagedHdf5NeverCrashesUs() {
    writeH5(at("m.h5"), {{.chunked = true}});
    const auto good = QByteArray([&] {
      QFile f(QString::fromStdString(at("m.h5").string()));
      f.open(QIODevice::ReadOnly);
      return f.readAll();
    }());
    quint32 state = 1;
    int refused = 0;
    for (int round = 0; round < 60; ++round) {
      auto bad = good;
      for (int k = 0; k < 8; ++k) {
        state = state * 1664525U + 1013904223U;
        bad[static_cast<int>(state >> 8) % static_cast<int>(good.size())] = static_cast<char>(state >> 3);
      }
      test::writeFile(at("m2.h5"), bad.toStdString());
      try {
        allOf(*openSource(at("m2.h5")));
      } catch (const Error&) {
        ++refused;
      }
    }
    QVERIFY(refused > 0);
  }

  void npyAndFolderAndOthers() {
    const std::string npy = test::npyHead("<f2", "5, 2, 3, 4, 4") + halves();
    test::writeFile(at("a.npy"), npy);
    QCOMPARE(allOf(*openSource(at("a.npy"))), numbers());
    test::writeFile(at("a.npz"), test::zipOf({{"latents.npy", npy}}));
    QCOMPARE(allOf(*openSource(at("a.npz"))), numbers());
    std::filesystem::create_directory(at("nothing"));
    verifyRefusal(at("nothing"), "folder holds neither");
    verifyRefusal(at("missing.h5"), "No such file");
    std::filesystem::create_symlink(at("loop"), at("loop"));
    verifyRefusal(at("loop"), "could not open");
    std::filesystem::permissions(at("a.npy"), std::filesystem::perms::none);
    if (!QFile(QString::fromStdString(at("a.npy").string())).open(QIODevice::ReadOnly))
      verifyRefusal(at("a.npy"), "Permission denied");  // root may read it
    test::writeFile(at("x"), "hello world, no data here");
    verifyRefusal(at("x"), "begins with \"hello world");
  }

  /// The file begins with the length of its header, whose bytes may be those a pickle begins with.
  void safetensorsHeadersOfEveryLengthAreRead() {
    const std::vector<float> values(2 * 4 * 4 * 4);
    std::set<std::uint64_t> lengths;
    for (std::size_t more = 8; more <= 800; more += 8) {
      const auto path = at("any.safetensors");
      formats::writeSafetensors(path, {{"latents", "F32", {2, 4, 4, 4}, std::as_bytes(std::span(values))}},
                                {{"more", std::string(more, 'x')}});
      std::uint64_t length = 0;
      ReadFile(path).read(0, std::as_writable_bytes(std::span(&length, 1)));
      lengths.insert(length);
      QCOMPARE(openSource(path)->info().samples, 2);
    }
    QVERIFY(lengths.contains(0x0280));
  }

  void idxIsPaddedAndLabelled() {
    const std::string pixels(28 * 28 * 3, '\xff');
    test::writeFile(at("train-images-idx3-ubyte"),
                    std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\x1c\0\0\0\x1c", 16) + pixels);
    test::writeFile(at("train-labels-idx1-ubyte"), std::string("\0\0\x08\x01\0\0\0\x03\x02\x00\x01", 11));
    const auto source = openSource(at("train-images-idx3-ubyte"));
    QCOMPARE(source->info().width, std::int64_t{32});
    QCOMPARE(source->info().classes, std::int64_t{3});
    QCOMPARE(source->labels()[0], std::int64_t{2});
    const auto values = allOf(*source);
    QCOMPARE(values[0], -1.0F);
    QCOMPARE(values[2 * 32 + 2], 1.0F);
    QCOMPARE(values[2 * 32 + 1], -1.0F);
    QCOMPARE(values[29 * 32 + 29], 1.0F);
    test::writeFile(at("short-idx3-ubyte"),
                    std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\x1c\0\0\0\x1c", 16) + pixels.substr(1));
    verifyRefusal(at("short-idx3-ubyte"), "promises");
  }

  void aFileThatShrinksIsAnError() {
    test::writeFile(at("s.pt"), ptFile(latentsEntry(), {{"0", halves()}}));
    const auto source = openSource(at("s.pt"));
    std::filesystem::resize_file(at("s.pt"), 300);
    QVERIFY_EXCEPTION_THROWN(allOf(*source), Error);
    writeH5(at("s.h5"), {{}});
    const auto other = openSource(at("s.h5"));
    std::filesystem::resize_file(at("s.h5"), 1000);
    QVERIFY_EXCEPTION_THROWN(allOf(*other), Error);
  }

  void readsFromSeveralThreads() {
    writeH5(at("p.h5"), {{.chunked = true}});
    const auto source = openSource(at("p.h5"));
    std::vector<std::jthread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) wrong += allOf(*source) == numbers() ? 0 : 1;
      });
    }
    threads.clear();
    QCOMPARE(wrong.load(), 0);
  }

  void aDeadHelperIsASentence() {
    ChildProcess child("/bin/sh", {"-c", "kill -SEGV $$"});
    std::array<std::byte, 4> bytes{};
    QVERIFY(!child.receive(bytes, std::chrono::seconds(10)));
    QCOMPARE(child.end(), std::string("crashed (Segmentation fault)"));
    ChildProcess slow("/bin/sleep", {"60"});
    QVERIFY(!slow.receive(bytes, std::chrono::milliseconds(30)));
    QCOMPARE(slow.end(), std::string("took too long"));
    QVERIFY_EXCEPTION_THROWN(ChildProcess("/no/such/program", {}), Error);
  }
};

QTEST_APPLESS_MAIN(TestSources)
#include "tst_sources.moc"
