// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/half.h"
#include "base/malloc_tuning.h"
#include "base/system_info.h"
#include "data/array_source.h"
#include "data/memory_source.h"

using namespace dw;
using namespace dw::data;
using formats::NumberType;

namespace {

constexpr std::int64_t kSamples = 700, kCrops = 2, kSize = 3 * 4 * 4;

std::shared_ptr<const LatentSource> stored(NumberType type) {
  const auto count = static_cast<std::size_t>(kSamples * kCrops * kSize), size = formats::sizeOf(type);
  std::vector<std::byte> bytes(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(i) / 7.0F - 300.0F;
    const auto half =
        type == NumberType::BFloat16 ? static_cast<std::uint16_t>(i) & 0x7F7FU : std::uint16_t{floatToHalf(value)};
    if (size == 2) std::memcpy(&bytes[2 * i], &half, 2);
    if (size == 4) std::memcpy(&bytes[4 * i], &value, 4);
  }
  const std::vector<std::int64_t> shape{kSamples, kCrops, 3, 4, 4};
  return std::make_shared<const ArraySource>(
      SourceInfo{}, memoryBytes(std::move(bytes)),
      formats::ArrayLayout{type, false, 0, shape, formats::rowMajorStrides(shape)});
}

/// Grey pictures of bytes, as IDX and picture folders hand them out.
class ByteSource : public LatentSource {
 public:
  ByteSource() {
    info_.dtype = "uint8";
    info_.samples = 256;
    info_.channels = info_.height = info_.width = 1;
  }
  const SourceInfo& info() const override { return info_; }
  void read(std::span<const std::int64_t> samples, std::span<const std::int64_t>, std::span<float> out) const override {
    for (std::size_t i = 0; i < samples.size(); ++i) out[i] = static_cast<float>(samples[i]) / 127.5F - 1.0F;
  }

 protected:
  SourceInfo info_;
};

std::vector<float> allOf(const LatentSource& source) {
  std::vector<std::int64_t> samples, crops;
  for (std::int64_t i = source.info().samples * source.info().crops; i-- > 0;) {
    samples.push_back(i / source.info().crops);
    crops.push_back(i % source.info().crops);
  }
  std::vector<float> values(samples.size() * static_cast<std::size_t>(source.info().sampleSize()));
  source.read(samples, crops, values);
  return values;
}

}  // namespace

class TestMemorySource : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void keepsEveryNumber() {
    for (const auto type : {NumberType::Float16, NumberType::BFloat16, NumberType::Float32}) {
      const auto source = stored(type);
      for (const std::int64_t crop : {-1, 0, 1}) QCOMPARE(allOf(*preloaded(source, crop)), allOf(*source));
    }
    const auto bytes = std::make_shared<const ByteSource>();
    QCOMPARE(allOf(*preloaded(bytes)), allOf(*bytes));
  }

  void readsOnlyTheCropsThatAreNotKept() {
    class Counting : public ByteSource {
     public:
      Counting() { info_.crops = 3; }
      void read(std::span<const std::int64_t> samples, std::span<const std::int64_t> crops,
                std::span<float> out) const override {
        for (const auto crop : crops) ++reads[static_cast<std::size_t>(crop)];
        ByteSource::read(samples, crops, out);
      }
      mutable std::array<int, 3> reads{};
    };
    const auto source = std::make_shared<const Counting>();
    const auto kept = preloaded(source, 1);
    QCOMPARE(source->reads, (std::array{0, 256, 0}));
    allOf(*kept);
    QCOMPARE(source->reads, (std::array{256, 256, 256}));
  }

  void littleDataFits() {
    auto info = ByteSource().info();  // a byte each
    info.crops = 1000;
    info.samples = static_cast<std::int64_t>(systemMemory().total / 1000);
    QVERIFY(preloadFits(info, 0));
    QVERIFY(!preloadFits(info, -1));
  }

  /// A window trains many times, on one dataset after the other.
  void theSystemHasTheMemoryBack() {
    class Large : public ByteSource {
     public:
      Large() { info_.samples = 24, info_.height = info_.width = 1024; }
      void read(std::span<const std::int64_t>, std::span<const std::int64_t>, std::span<float> out) const override {
        std::ranges::fill(out, 1.0F);
      }
    };
    keepFreedMemory();  // as the programs do
    const auto source = std::make_shared<const Large>();
    preloaded(source);  // what reading needs besides is there from now on
    const auto before = residentMemory();
    auto kept = preloaded(source);
    QVERIFY(residentMemory() > before + (20U << 20));
    kept.reset();
    QVERIFY(residentMemory() < before + (8U << 20));
  }

  void tellsProgressAndCanBeStopped() {
    double last = -1.0;
    preloaded(stored(NumberType::Float16), -1, [&](double done) {
      if (done < last) qFatal("went back");
      last = done;
      return true;
    });
    QVERIFY(last >= 0.0 && last < 1.0);
    try {
      preloaded(stored(NumberType::Float16), -1, [](double) { return false; });
      QFAIL("was not stopped");
    } catch (const Error& e) {
      QCOMPARE(int(e.kind()), int(ErrorKind::Cancelled));
    }
  }

  void moreThanThereIsIsRefused() {
    class Huge : public ByteSource {
     public:
      Huge() { info_.samples = 1LL << 50; }
    };
    try {
      QVERIFY(!preloadFits(Huge().info(), -1));
      preloaded(std::make_shared<const Huge>());
      QFAIL("was not refused");
    } catch (const Error& e) {
      QCOMPARE(int(e.kind()), int(ErrorKind::OutOfMemory));
      QVERIFY(e.remedy().find("data.preload") != std::string::npos);
    }
  }
};

QTEST_APPLESS_MAIN(TestMemorySource)
#include "tst_memory_source.moc"
