// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: demo_drawing, demo_source
#include <QtTest>

#include <cmath>
#include <fstream>

#include "base/sha256.h"
#include "data/channel_statistics.h"
#include "data/latent_source.h"
#include "data/pictures/latent_preview.h"
#include "data/sources/demo_drawing.h"
#include "data/sources/open_source.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::pictures;
using namespace dw::data::sources;
using namespace dw::data::pictures;
using namespace dw::data::sources;

namespace {

std::string hashOf(const LatentSource& source) {
  Sha256 hash;
  std::vector<float> values(static_cast<std::size_t>(source.info().sampleSize()));
  for (std::int64_t sample = 0; sample < source.info().samples; sample += 37) {
    for (std::int64_t crop = 0; crop < 3; ++crop) {
      source.read({&sample, 1}, {&crop, 1}, values);
      hash.update(std::as_bytes(std::span(values)));
    }
  }
  return hash.hex();
}

}  // namespace

class TestDemo : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    qputenv("XDG_CACHE_HOME", folder_->path().toUtf8());
  }

  void madeCachedAndTheSame() {
    QElapsedTimer timer;
    timer.start();
    const auto made = openSource("demo");
    qInfo("made in %.3f s", static_cast<double>(timer.restart()) / 1e3);
    const auto cached = openSource("demo");
    qInfo("read from the cache in %.3f s", static_cast<double>(timer.elapsed()) / 1e3);
    QCOMPARE(hashOf(*made), hashOf(*cached));
    QVERIFY(std::filesystem::exists(cacheFile()));
    const auto& info = made->info();
    QCOMPARE(info.shape().samples, std::int64_t{2048});
    QCOMPARE(info.crops * info.channels * info.height * info.width, std::int64_t{3 * 4 * 32 * 32});
    QCOMPARE(info.dtype, std::string("float16"));
    QCOMPARE(info.classes, std::int64_t{6});
    QCOMPARE(made->labels().size(), std::size_t{2048});
  }

  void damagedCacheIsMadeAgain() {
    const auto good = hashOf(*openSource("demo"));
    const auto whole = sha256OfFile(cacheFile());
    {
      std::fstream file(cacheFile(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(1'000'000);
      file.write("damaged", 7);
    }
    QCOMPARE(hashOf(*openSource("demo")), good);
    QCOMPARE(sha256OfFile(cacheFile()), whole);
    std::filesystem::resize_file(cacheFile(), 1000);
    QCOMPARE(hashOf(*openSource("demo")), good);
    QCOMPARE(sha256OfFile(cacheFile()), whole);
  }

  void worksWithoutACache() {
    qputenv("XDG_CACHE_HOME", "/proc/no-such-place");
    QCOMPARE(openSource("demo")->info().samples, std::int64_t{2048});
  }

  void nearUnitScaleInEveryChannel() {
    const auto statistics = channelStatistics(*openSource("demo"), 256);
    QCOMPARE(statistics.notFinite, std::uint64_t{0});
    for (const auto& channel : statistics.channels) {
      QVERIFY2(std::abs(channel.mean) < 0.2 && channel.std > 0.6 && channel.std < 1.2,
               qPrintable(QString::number(channel.std)));
    }
  }

  void previewShowsTheDrawing() {
    const auto source = openSource("demo");
    const auto projection = defaultProjection(source->info());
    std::vector<float> values(4096), rgb(3 * 1024), depth(1024);
    for (std::int64_t sample = 0; sample < 24; ++sample) {
      const auto drawing = demoDrawing(sample);
      for (std::int64_t crop = 0; crop < 3; ++crop) {
        source->read({&sample, 1}, {&crop, 1}, values);
        const auto image = previewRgb(values, source->info(), projection);
        paint(drawing, demoWindows(sample, drawing)[static_cast<std::size_t>(crop)], rgb, depth);
        double worst = 0.0;
        for (std::size_t i = 0; i < 3072; ++i) {
          const double wanted =
              0.5 + 0.85 * (static_cast<double>(rgb[i % 3 * 1024 + i / 3]) - 0.5);  // the demo's contrast
          worst = std::max(worst, std::abs(image.rgb[i] / 255.0 - wanted));
        }
        QVERIFY2(worst < 0.01, qPrintable(QString::number(worst)));     // half a grey step and float16
        QVERIFY(*std::max_element(depth.begin(), depth.end()) > 0.3F);  // the shape is in every crop
      }
    }
  }

 private:
  std::filesystem::path cacheFile() const {
    return std::filesystem::path(folder_->path().toStdString()) / "diffusion-workbench/demo-1.latents";
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(TestDemo)
#include "tst_demo.moc"
