// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cstring>
#include <numeric>

#include "data/axis_roles.h"
#include "data/block_reader.h"

using namespace dw;
using namespace dw::data;

namespace {

/// Memory that counts what is read from it.
class CountingBytes : public ByteStore {
 public:
  explicit CountingBytes(std::vector<float> values) : values_(std::move(values)) {}
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset + out.size() > size()) qFatal("read beyond the end");
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(values_.data()) + offset, out.size());
    ++reads;
    bytes += out.size();
  }
  std::uint64_t size() const override { return values_.size() * sizeof(float); }
  mutable std::uint64_t reads = 0, bytes = 0;

 private:
  std::vector<float> values_;
};

constexpr std::int64_t kB = 5, kT = 2, kC = 3, kH = 4, kW = 6;

float valueAt(std::int64_t b, std::int64_t t, std::int64_t c, std::int64_t h, std::int64_t w) {
  return static_cast<float>(10000 * b + 1000 * t + 100 * c + 10 * h + w);
}

/// An array stored in that order of axes.
std::pair<std::shared_ptr<CountingBytes>, formats::ArrayLayout> storedAs(const std::string& axes) {
  const std::map<char, std::int64_t> length{{'B', kB}, {'T', kT}, {'C', kC}, {'H', kH}, {'W', kW}};
  formats::ArrayLayout layout{
      .type = formats::NumberType::Float32, .bigEndian = false, .byteOffset = 0, .shape = {}, .strides = {}};
  for (const char role : axes) layout.shape.push_back(length.at(role));
  layout.strides = formats::rowMajorStrides(layout.shape);
  const auto s = inOrder(layout, axes).strides;
  std::vector<float> values(kB * kT * kC * kH * kW);
  for (std::int64_t b = 0; b < kB; ++b)
    for (std::int64_t t = 0; t < kT; ++t)
      for (std::int64_t c = 0; c < kC; ++c)
        for (std::int64_t h = 0; h < kH; ++h)
          for (std::int64_t w = 0; w < kW; ++w)
            values[static_cast<std::size_t>(b * s[0] + t * s[1] + c * s[2] + h * s[3] + w * s[4])] =
                valueAt(b, t, c, h, w);
  return {std::make_shared<CountingBytes>(std::move(values)), layout};
}

}  // namespace

class TestBlockReader : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyOrderOfAxes() {
    std::string axes = "BCHTW";  // sorted: every permutation follows
    do {
      const auto [bytes, layout] = storedAs(axes);
      SourceInfo info;
      info.axes = axes;
      const ArraySource source(info, bytes, layout);
      const std::vector<std::int64_t> samples{4, 0, 2, 2, 3}, crops{1, 0, 0, 1, 1};
      std::vector<float> out(samples.size() * kC * kH * kW);
      source.read(samples, crops, out);
      std::size_t at = 0;
      for (std::size_t i = 0; i < samples.size(); ++i)
        for (std::int64_t c = 0; c < kC; ++c)
          for (std::int64_t h = 0; h < kH; ++h)
            for (std::int64_t w = 0; w < kW; ++w)
              QVERIFY2(out[at++] == valueAt(samples[i], crops[i], c, h, w), axes.c_str());
    } while (std::next_permutation(axes.begin(), axes.end()));
  }

  void neighboursAreReadTogether() {
    const auto [bytes, layout] = storedAs("BTCHW");
    SourceInfo info;
    info.axes = "BTCHW";
    const ArraySource source(info, bytes, layout);
    const std::vector<std::int64_t> samples{1, 0, 0, 1, 4}, crops{1, 0, 1, 0, 1};
    std::vector<float> out(samples.size() * kC * kH * kW);
    source.read(samples, crops, out);
    QCOMPARE(bytes->reads, std::uint64_t{2});
    QCOMPARE(bytes->bytes, out.size() * sizeof(float));
  }

  void thinlySpreadNumbersAreNotReadWhole() {
    const auto [bytes, layout] = storedAs("CHWBT");
    SourceInfo info;
    info.axes = "CHWBT";
    const ArraySource source(info, bytes, layout);
    const std::int64_t zero = 0;
    std::vector<float> out(kC * kH * kW);
    source.read({&zero, 1}, {&zero, 1}, out);
    QVERIFY(bytes->bytes <= 4 * out.size() * sizeof(float));
  }
};

QTEST_APPLESS_MAIN(TestBlockReader)
#include "tst_block_reader.moc"
