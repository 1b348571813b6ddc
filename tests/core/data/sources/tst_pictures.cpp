// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: picture_source, picture_decoder
#include <QtTest>

#include <atomic>
#include <thread>

#include "../../../support/picture_builder.h"
#include "../../../support/pt_builder.h"
#include "base/error.h"
#include "data/dataset_identity.h"
#include "data/latent_source.h"
#include "data/pictures/picture_decoder.h"
#include "data/sources/open_source.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::pictures;
using namespace dw::data::sources;
using namespace dw::data::pictures;
using namespace dw::data::sources;

namespace {

std::vector<std::uint8_t> plain(int pixels, const std::vector<std::uint8_t>& colour) {
  std::vector<std::uint8_t> values;
  for (int i = 0; i < pixels; ++i) values.insert(values.end(), colour.begin(), colour.end());
  return values;
}

/// Smooth and different everywhere, so that JPEG changes it little.
std::vector<std::uint8_t> gradient(int width, int height, int channels) {
  std::vector<std::uint8_t> values;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        values.push_back(static_cast<std::uint8_t>(20 + 100 * x / width + 50 * y / height * c));
  return values;
}

std::span<const std::byte> spanOf(const std::string& bytes) {
  return std::as_bytes(std::span(bytes.data(), bytes.size()));
}

std::vector<float> sampleOf(const LatentSource& source, std::int64_t sample) {
  const std::int64_t crop = 0;
  std::vector<float> values(static_cast<std::size_t>(source.info().sampleSize()));
  source.read({&sample, 1}, {&crop, 1}, values);
  return values;
}

}  // namespace

class TestPictures : public QObject {
  Q_OBJECT

  std::filesystem::path in(const QTemporaryDir& folder, const std::string& name = {}) const {
    return std::filesystem::path(folder.path().toStdString()) / name;
  }
  static std::string refusal(const std::string& bytes) {
    try {
      decodePicture("p", spanOf(bytes), 3, 1 << 20);
    } catch (const Error& e) {
      return e.what();
    }
    return {};
  }
  static void verifyRefusal(const std::string& bytes, const char* word) {
    const auto sentence = refusal(bytes);
    QVERIFY2(sentence.find(word) != std::string::npos, (std::string("'") + word + "' is not in: " + sentence).c_str());
  }

 private Q_SLOTS:
  void subFoldersAreClasses() {
    const QTemporaryDir folder;
    for (const char* sub : {"dog", "cat/deeper", "empty"}) std::filesystem::create_directories(in(folder, sub));
    test::writeFile(in(folder, "dog/1.PNG"), test::pngOf(4, 4, 3, plain(16, {255, 0, 51})));
    test::writeFile(in(folder, "dog/2.jpg"), test::jpegOf(40, 40, 3, plain(1600, {128, 128, 128})));
    test::writeFile(in(folder, "cat/deeper/3.png"), test::pngOf(2, 2, 1, plain(4, {255})));
    test::writeFile(in(folder, "dog/notes.txt"), "no picture");
    const auto source = openSource(in(folder));
    const auto& info = source->info();
    QCOMPARE(info.format, std::string("pictures"));
    QCOMPARE(info.samples, std::int64_t{3});
    QCOMPARE(info.channels, std::int64_t{3});
    QCOMPARE(info.width, std::int64_t{32});
    QCOMPARE(info.classNames, (std::vector<std::string>{"cat", "dog"}));
    QCOMPARE(info.classes, std::int64_t{2});
    QCOMPARE(std::vector(source->labels().begin(), source->labels().end()), (std::vector<std::int64_t>{0, 1, 1}));
    for (const float value : sampleOf(*source, 0)) QCOMPARE(value, 1.0F);  // grey among colours: three equal channels
    const auto red = sampleOf(*source, 1);
    QCOMPARE(red[5], 1.0F);
    QCOMPARE(red[1024 + 5], -1.0F);
    QCOMPARE(red[2048 + 5], 51.0F / 127.5F - 1.0F);
    for (const float value : sampleOf(*source, 2)) QVERIFY(std::abs(value - 0.5F / 127.5F) < 2.0F / 127.5F);
    QCOMPARE(sampleOf(*source, 1), red);  // the kept copy
    QVERIFY(!datasetIdentity(*source).sha256.empty());
    QCOMPARE(openSource(in(folder), {.dataset = "16"})->info().height, std::int64_t{16});
    for (const char* bad : {"0", "1025", "big", "16x"})
      QVERIFY_EXCEPTION_THROWN(openSource(in(folder), {.dataset = bad}), Error);
    test::writeFile(in(folder, "loose.png"), test::pngOf(2, 2, 1, plain(4, {255})));
    QVERIFY_EXCEPTION_THROWN(openSource(in(folder)), Error);
  }

  void greyStaysGrey() {
    const QTemporaryDir folder;
    test::writeFile(in(folder, "a.png"), test::pngOf(32, 32, 1, gradient(32, 32, 1)));
    test::writeFile(in(folder, "b.jpeg"), test::jpegOf(32, 32, 1, gradient(32, 32, 1)));
    const auto source = openSource(in(folder));
    QCOMPARE(source->info().channels, std::int64_t{1});
    QCOMPARE(source->info().classes, std::int64_t{0});
    const auto png = sampleOf(*source, 0), jpeg = sampleOf(*source, 1);
    const auto pixels = gradient(32, 32, 1);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      QCOMPARE(png[i], static_cast<float>(pixels[i]) / 127.5F - 1.0F);
      QVERIFY(std::abs(jpeg[i] - png[i]) < 4.0F / 127.5F);
    }
  }

  void areaAverageOfTheMiddle() {
    // 6 x 4: the middle square is columns 1 to 4; to 2 x 2, each target pixel is the mean of 2 x 2
    Picture picture{6, 4, 1, {}};
    for (int i = 0; i < 24; ++i) picture.values.push_back(static_cast<std::uint8_t>(i * 10));
    QCOMPARE(centreSquare(picture, 2), (std::vector<std::uint8_t>{45, 65, 165, 185}));
    // 3 -> 2: weights 2/3 and 1/3
    const Picture row{3, 3, 1, {0, 90, 240, 0, 90, 240, 0, 90, 240}};
    QCOMPARE(centreSquare(row, 2), (std::vector<std::uint8_t>{30, 190, 30, 190}));
    QCOMPARE(centreSquare(Picture{1, 1, 3, {1, 2, 3}}, 2),
             (std::vector<std::uint8_t>{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}));
    // tall, in colour: rows 1 and 2 of 2 x 4
    const Picture tall{2, 4, 3, gradient(2, 4, 3)};
    QCOMPARE(centreSquare(tall, 2), std::vector<std::uint8_t>(tall.values.begin() + 6, tall.values.begin() + 18));
  }

  void reducedJpegEqualsTheWhole() {
    const auto bytes = test::jpegOf(512, 400, 3, gradient(512, 400, 3));
    const auto whole = decodePicture("p", spanOf(bytes), 3, 400), reduced = decodePicture("p", spanOf(bytes), 3, 64);
    QCOMPARE(whole.width, std::int64_t{512});
    QCOMPARE(reduced.width, std::int64_t{128});
    const auto a = centreSquare(whole, 32), b = centreSquare(reduced, 32);
    for (std::size_t i = 0; i < a.size(); ++i) QVERIFY2(std::abs(a[i] - b[i]) <= 3, qPrintable(QString::number(i)));
  }

  void transparentIsWhite() {
    const auto bytes = test::pngOf(1, 1, 4, {10, 20, 30, 0});
    QCOMPARE(decodePicture("p", spanOf(bytes), 3, 1).values, (std::vector<std::uint8_t>{255, 255, 255}));
  }

  void impossiblePicturesAreRefused() {
    auto png = test::pngOf(8, 8, 3, gradient(8, 8, 3));
    const auto resize = [&](std::uint32_t width, std::uint32_t height) {
      for (int k = 0; k < 4; ++k) {
        png[static_cast<std::size_t>(16 + k)] = static_cast<char>(width >> (24 - 8 * k));
        png[static_cast<std::size_t>(20 + k)] = static_cast<char>(height >> (24 - 8 * k));
      }
      const auto crc = crc32(0, reinterpret_cast<const Bytef*>(png.data()) + 12, 17);
      for (int k = 0; k < 4; ++k) png[static_cast<std::size_t>(29 + k)] = static_cast<char>(crc >> (24 - 8 * k));
      return png;
    };
    verifyRefusal(resize(100'000, 100'000), "67 million");
    verifyRefusal(resize(8000, 8000), "can hold");
    verifyRefusal(resize(0, 8), "damaged");
    verifyRefusal(resize(8, 9), "damaged");
    auto jpeg = test::jpegOf(8, 8, 1, gradient(8, 8, 1));
    const auto frame = jpeg.find("\xff\xc0");
    jpeg.replace(frame + 5, 4, std::string("\x1f\x40\x1f\x40", 4));  // 8000 x 8000
    verifyRefusal(jpeg, "can hold");
    verifyRefusal(test::jpegOf(8, 8, 4, gradient(8, 8, 4)), "CMYK");
    verifyRefusal("GIF89a, not really a picture", "neither");
    verifyRefusal("", "neither");
  }

  void everyTruncationIsRefused() {
    for (const auto& good : {test::pngOf(24, 16, 3, gradient(24, 16, 3)), test::jpegOf(24, 16, 3, gradient(24, 16, 3)),
                             test::jpegOf(24, 16, 3, gradient(24, 16, 3), true)}) {
      QVERIFY2(refusal(good).empty(), refusal(good).c_str());
      for (std::size_t n = 0; n + 16 < good.size(); n += 3)
        QVERIFY2(!refusal(good.substr(0, n)).empty(),
                 qPrintable(QStringLiteral("cut at %1 of %2").arg(n).arg(good.size())));
    }
  }

  /// Nothing but an Error may come out of a damaged picture; the sanitizers watch the rest.
  void damagedPicturesNeverCrash() {
    quint32 state = 1;
    int refused = 0, read = 0;
    for (const auto& good : {test::pngOf(24, 16, 3, gradient(24, 16, 3)), test::jpegOf(24, 16, 3, gradient(24, 16, 3)),
                             test::jpegOf(24, 16, 1, gradient(24, 16, 1), true)}) {
      for (int round = 0; round < 600; ++round) {
        auto bad = good;
        for (int k = 0; k <= round % 6; ++k) {
          state = state * 1664525U + 1013904223U;
          bad[(state >> 8) % bad.size()] = static_cast<char>(state >> 3);
        }
        (refusal(bad).empty() ? read : refused) += 1;
      }
    }
    QVERIFY(refused > 300);
    QCOMPARE(refused + read, 1800);
  }

  void readsFromSeveralThreads() {
    const QTemporaryDir folder;
    for (int i = 0; i < 9; ++i) {
      const auto value = static_cast<std::uint8_t>(20 * i);
      test::writeFile(in(folder, std::to_string(i) + ".png"), test::pngOf(8, 8, 3, plain(64, {value, value, value})));
    }
    const auto source = openSource(in(folder));
    std::atomic<int> wrong{0};
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          for (std::int64_t k = 0; k < 60; ++k)
            wrong += sampleOf(*source, k % 9)[7] == static_cast<float>(20 * (k % 9)) / 127.5F - 1.0F ? 0 : 1;
        });
      }
    }
    QCOMPARE(wrong.load(), 0);
  }

  void aDamagedPictureIsNamedWhenRead() {
    const QTemporaryDir folder;
    test::writeFile(in(folder, "a.png"), test::pngOf(8, 8, 3, gradient(8, 8, 3)));
    test::writeFile(in(folder, "b.png"), test::pngOf(8, 8, 3, gradient(8, 8, 3)).substr(0, 60));
    const auto source = openSource(in(folder));
    sampleOf(*source, 0);
    try {
      sampleOf(*source, 1);
      QFAIL("a cut-off picture was read");
    } catch (const Error& e) {
      QVERIFY2(std::string(e.what()).find("b.png") != std::string::npos, e.what());
    }
  }
};

QTEST_APPLESS_MAIN(TestPictures)
#include "tst_pictures.moc"
