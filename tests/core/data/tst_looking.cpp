// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: latent_preview, channel_statistics, value_histogram, dataset_identity
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../../support/pt_builder.h"
#include "base/error.h"
#include "base/half.h"
#include "base/sha256.h"
#include "data/channel_statistics.h"
#include "data/dataset_identity.h"
#include "data/pictures/latent_preview.h"
#include "data/value_histogram.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::pictures;
using namespace dw::data::pictures;

namespace {

class ArrayInMemory : public LatentSource {
 public:
  ArrayInMemory(std::int64_t samples, std::int64_t crops, std::int64_t channels, std::vector<float> values,
                std::int64_t side = 2)
      : values_(std::move(values)) {
    info_.format = "demo";
    info_.path = "test";
    info_.samples = samples;
    info_.crops = crops;
    info_.channels = channels;
    info_.height = info_.width = side;
  }
  const SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
            std::span<float> out) const override {
    const auto size = info_.sampleSize();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto* from = values_.data() + (samples[i] * info_.crops + crops[i]) * size;
      std::copy(from, from + size, out.data() + static_cast<std::int64_t>(i) * size);
    }
  }

 private:
  SourceInfo info_;
  std::vector<float> values_;
};

std::vector<float> ramp(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = std::sin(static_cast<float>(i)) + 0.25F * static_cast<float>(i % 5);
  return values;
}

}  // namespace

class TestLooking : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void statisticsEqualTheDefinition_data() {
    QTest::addColumn<int>("side");
    QTest::addColumn<bool>("allFinite");
    for (const int side : {2, 4, 5, 9}) {
      for (const bool allFinite : {true, false})
        QTest::addRow("planes of %d x %d%s", side, side, allFinite ? "" : ", some NaN") << side << allFinite;
    }
  }
  void statisticsEqualTheDefinition() {
    QFETCH(int, side);
    QFETCH(bool, allFinite);
    const auto plane = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
    auto values = ramp(30 * 2 * 3 * plane);
    for (std::size_t i = 5; !allFinite && i < values.size(); i += 77)
      values[i] = std::numeric_limits<float>::quiet_NaN();
    const auto got = channelStatistics(ArrayInMemory(30, 2, 3, values, side));
    QVERIFY(got.complete);
    for (std::size_t c = 0; c < 3; ++c) {
      std::vector<double> finite;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i / plane % 3 == c && std::isfinite(values[i])) finite.push_back(static_cast<double>(values[i]));
      }
      const auto count = static_cast<double>(finite.size());
      const double mean = std::accumulate(finite.begin(), finite.end(), 0.0) / count;
      double squares = 0.0;
      for (const double value : finite) squares += (value - mean) * (value - mean);
      QVERIFY(std::abs(got.channels[c].mean - mean) < 1e-12);
      QVERIFY(std::abs(got.channels[c].std - std::sqrt(squares / count)) < 1e-12);
      QCOMPARE(got.channels[c].min, std::ranges::min(finite));
      QCOMPARE(got.channels[c].max, std::ranges::max(finite));
      QCOMPARE(got.channels[c].count, std::uint64_t{finite.size()});
    }
    QCOMPARE(got.notFinite,
             static_cast<std::uint64_t>(std::ranges::count_if(values, [](float v) { return !std::isfinite(v); })));
  }

  void notFiniteIsCountedAndPlaced() {
    auto values = ramp(30 * 2 * 3 * 4);
    values[(7 * 2 + 1) * 12 + 4] = std::numeric_limits<float>::quiet_NaN();  // sample 7, crop 1, channel 1
    values[(9 * 2 + 0) * 12 + 0] = -std::numeric_limits<float>::infinity();
    values[(9 * 2 + 0) * 12 + 11] = std::numeric_limits<float>::infinity();
    const ArrayInMemory source(30, 2, 3, values);
    const auto got = channelStatistics(source);
    QCOMPARE(got.notFinite, std::uint64_t{3});
    QCOMPARE(got.badSamples, (std::vector<std::int64_t>{7, 9}));
    QVERIFY(std::isfinite(got.channels[1].mean) && std::isfinite(got.channels[0].max));
  }

  void aScanCanBeLimitedAndCancelled() {
    const ArrayInMemory source(30, 2, 3, ramp(30 * 2 * 3 * 4));
    QCOMPARE(channelStatistics(source, 10).samplesRead, std::int64_t{10});
    const ArrayInMemory large(3000, 100, 3, ramp(3000 * 100 * 12));
    double last = 0.0;
    const auto cut = channelStatistics(large, 0, [&](double fraction) { return last = fraction, false; });
    QVERIFY(!cut.complete && cut.samplesRead < 3000 && last > 0.0 && last < 1.0);
  }

  void previewColours() {
    SourceInfo info;
    info.channels = 4;
    info.height = info.width = 1;
    const auto projection = defaultProjection(info);
    QVERIFY(projection.label.find("approximate") != std::string::npos);
    // (value + 1) / 2 with value = the row itself: core/data/README.md, section 1
    const auto image = previewRgb(std::vector<float>{1.0F, 0.0F, 0.0F, 0.0F}, info, projection);
    QCOMPARE(static_cast<int>(image.rgb[0]), static_cast<int>(std::lround(255 * (1 + 0.3512) / 2)));
    QCOMPARE(static_cast<int>(image.rgb[2]), static_cast<int>(std::lround(255 * (1 + 0.3227) / 2)));
    info.channels = 1;
    QCOMPARE(previewRgb(std::vector<float>{-1.0F}, info, defaultProjection(info)).rgb,
             (std::vector<std::uint8_t>{0, 0, 0}));
    QCOMPARE(previewRgb(std::vector<float>{std::nanf("")}, info, defaultProjection(info)).rgb[0], std::uint8_t{128});
    QVERIFY_EXCEPTION_THROWN(previewRgb(std::vector<float>{1.0F, 2.0F}, info, defaultProjection(info)), Error);
  }

  void channelColoursAreSymmetric() {
    const auto image = previewChannel(std::vector<float>{-2.0F, 0.0F, 2.0F, std::nanf("")}, 1, 4, 2.0F);
    QVERIFY(image.rgb[2] > image.rgb[0]);  // negative is blue
    QVERIFY(image.rgb[6] > image.rgb[8]);  // positive is red
    QCOMPARE(image.rgb[3], image.rgb[4]);  // nothing is grey-white
    QCOMPARE(image.rgb[9], std::uint8_t{255});
    QCOMPARE(image.rgb[10], std::uint8_t{0});
  }

  void theFastPaintersAgreeWithTheExactOnes() {
    SourceInfo info;
    info.channels = 4;
    info.height = 5;
    info.width = 7;
    std::vector<float> values(4 * 35);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i)) * 2.0F;
    values[3] = std::nanf("");
    std::vector<std::uint32_t> pixels(35);
    for (const auto colours : coloursFor(4)) {
      const auto projection = projectionFor(colours, 4);
      const auto exact = previewRgb(values, info, projection);
      paintRgb(values, projection, pixels);
      for (std::size_t i = 0; i < 3 * 35; ++i) {
        const int got = static_cast<int>(pixels[i / 3] >> (16 - 8 * (i % 3)) & 0xff);
        QVERIFY2(std::abs(got - static_cast<int>(exact.rgb[i])) <= 1, qPrintable(QString::number(i)));
      }
    }
    const auto plane = std::span(values).first(35);
    const auto exact = previewChannel(plane, 5, 7, 1.5F);
    paintChannel(plane, 1.5F, pixels);
    for (std::size_t i = 0; i < 3 * 35; ++i) {
      const int got = static_cast<int>(pixels[i / 3] >> (16 - 8 * (i % 3)) & 0xff);
      QVERIFY2(std::abs(got - static_cast<int>(exact.rgb[i])) <= 2, qPrintable(QString::number(i)));  // 512 steps
    }
  }

  void rawLatentsAreBroughtToTheScaleOfTheRows() {
    const auto scaled = projectionFor(Colours::Sd1, 4, 1.0), raw = projectionFor(Colours::Sd1, 4, 5.5);
    QVERIFY(std::abs(raw.rows[0] - 0.18215F * scaled.rows[0]) < 1e-6F);
    const auto sdxl = projectionFor(Colours::Sdxl, 4);
    QVERIFY(std::abs(sdxl.rows[1] - 0.4232F) < 1e-6F);  // core/data/README.md, section 1
    QVERIFY(std::abs(sdxl.bias[0] - 0.1084F) < 1e-6F);
    QCOMPARE(coloursFor(4).size(), std::size_t{3});
    QCOMPARE(coloursFor(16).size(), std::size_t{1});
  }

  void histogramCountsEachChannelAndFindsTheShare() {
    ValueHistogram histogram(2, 2.0F);
    histogram.add(0, std::vector<float>{-2.0F, -0.01F, 0.01F, 1.99F, 9.0F, std::nanf("")});
    histogram.add(1, std::vector<float>{0.01F});
    const auto first = histogram.counts(0), all = histogram.counts();
    QCOMPARE(first.front(), std::uint64_t{1});
    QCOMPARE(first.back(), std::uint64_t{2});  // 1.99, and 9 from beyond
    QCOMPARE(first[127], std::uint64_t{1});
    QCOMPARE(all[128], std::uint64_t{2});
    ValueHistogram even(1, 1.0F);
    std::vector<float> ramp;
    for (int i = 0; i < 10'000; ++i) ramp.push_back(static_cast<float>(i) / 10'000.0F);
    even.add(0, ramp);
    QVERIFY(std::abs(even.sizeOfShare(0.9) - 0.9F) < 0.001F);
    QCOMPARE(ValueHistogram(1, 1.0F).sizeOfShare(0.5), 0.0F);
  }

  void principalComponentsOfOtherChannelCounts() {
    // 5 channels that all follow one hidden number: the first component must carry it, the others nearly nothing
    std::vector<float> values;
    for (std::int64_t i = 0; i < 40; ++i) {
      for (int c = 0; c < 5; ++c) {
        for (int p = 0; p < 4; ++p)
          values.push_back(std::sin(static_cast<float>(4 * i + p)) * static_cast<float>(c + 1));
      }
    }
    const ArrayInMemory source(40, 1, 5, values);
    const auto projection = fitProjection(source, 40);
    for (std::size_t c = 1; c < 5; ++c) {
      QVERIFY(std::abs(projection.rows[c * 3] / projection.rows[0] - static_cast<float>(c + 1)) < 1e-3F);
    }
  }

  void identityNoticesChanges() {
    auto values = ramp(30 * 2 * 3 * 4);
    const auto before = toJson(datasetIdentity(ArrayInMemory(30, 2, 3, values)));
    QVERIFY(sameDataset(before, toJson(datasetIdentity(ArrayInMemory(30, 2, 3, values)))));
    values[12] += 1.0F;  // sample 0, last crop
    QVERIFY(!sameDataset(before, toJson(datasetIdentity(ArrayInMemory(30, 2, 3, values)))));
    QVERIFY(!sameDataset(before, nlohmann::json::object()));
  }
};

QTEST_APPLESS_MAIN(TestLooking)
#include "tst_looking.moc"
