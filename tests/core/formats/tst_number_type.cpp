// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/half.h"
#include "formats/number_type.h"

using namespace dw;
using namespace dw::formats;

namespace {

/// The values as bytes after `shift` empty ones, turned round for big-endian files.
template <typename T>
std::vector<std::byte> stored(const std::vector<T>& values, bool bigEndian, std::size_t shift) {
  std::vector<std::byte> bytes(shift + values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data() + shift, values.data(), values.size() * sizeof(T));
  for (std::size_t i = shift; bigEndian && i < bytes.size(); i += sizeof(T))
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + sizeof(T)));
  return bytes;
}

template <typename T>
std::vector<float> floats(NumberType type, const std::vector<T>& values, bool bigEndian, std::size_t shift = 0) {
  const auto bytes = stored(values, bigEndian, shift);
  std::vector<float> out(values.size() + 1, 77.0F);  // one more: nothing may be written behind the end
  toFloats(type, bigEndian, std::span(bytes).subspan(shift), std::span(out).first(values.size()));
  if (out.back() != 77.0F) qFatal("written beyond the end");
  out.pop_back();
  return out;
}

bool same(float a, float b) {
  return std::isnan(a) ? std::isnan(b) : std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

}  // namespace

class TestNumberType : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everySixteenBitFloat() {
    std::vector<std::uint16_t> all(65536);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
    for (const bool bigEndian : {false, true}) {
      for (const std::size_t shift : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
        const auto half = floats(NumberType::Float16, all, bigEndian, shift);
        const auto brain = floats(NumberType::BFloat16, all, bigEndian, shift);
        for (std::size_t i = 0; i < all.size(); ++i) {
          QVERIFY2(same(half[i], halfToFloat(all[i])), qPrintable(QString::number(i, 16)));
          QVERIFY2(same(brain[i], bfloat16ToFloat(all[i])), qPrintable(QString::number(i, 16)));
        }
      }
    }
  }

  void everyLength() {
    for (std::size_t count = 0; count < 70; ++count) {
      std::vector<std::uint16_t> values(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = floatToHalf(static_cast<float>(i));
      const auto got = floats(NumberType::Float16, values, false);
      for (std::size_t i = 0; i < count; ++i) QCOMPARE(got[i], static_cast<float>(i));
    }
  }

  void widerFloats() {
    const std::vector<float> values{0.0F, -1.5F, 3.25e-39F, INFINITY, 1.0e38F};
    const std::vector<double> doubles(values.begin(), values.end());
    for (const bool bigEndian : {false, true}) {
      QCOMPARE(floats(NumberType::Float32, values, bigEndian), values);
      QCOMPARE(floats(NumberType::Float64, doubles, bigEndian, 3), values);
    }
  }
};

QTEST_APPLESS_MAIN(TestNumberType)
#include "tst_number_type.moc"
