// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include <cstring>
#include <fstream>
#include <map>
#include <numeric>

#include "../../../support/h5_builder.h"
#include "base/error.h"
#include "data/hdf5/h5_reader.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::hdf5;
using namespace dw::data::sources;
using namespace dw::data::hdf5;
using namespace dw::data::sources;

namespace {

constexpr std::int64_t kB = 7, kT = 2, kC = 3, kH = 4, kW = 5;

float valueAt(std::int64_t b, std::int64_t t, std::int64_t c, std::int64_t h, std::int64_t w) {
  return static_cast<float>(1 + 1000 * b + 500 * t + 100 * c + 10 * h + w);
}

std::vector<hsize_t> shapeOf(const std::string& axes) {
  const std::map<char, hsize_t> length{{'B', kB}, {'T', kT}, {'C', kC}, {'H', kH}, {'W', kW}};
  std::vector<hsize_t> shape;
  for (const char role : axes) shape.push_back(length.at(role));
  return shape;
}

/// The numbers in the order of the file.
std::vector<float> storedAs(const std::string& axes) {
  std::vector<float> values;
  std::map<char, std::int64_t> at;
  const auto shape = shapeOf(axes);
  const auto add = [&](const auto& self, std::size_t axis) -> void {
    if (axis == axes.size()) return values.push_back(valueAt(at['B'], at['T'], at['C'], at['H'], at['W']));
    for (hsize_t i = 0; i < shape[axis]; ++i) {
      at[axes[axis]] = static_cast<std::int64_t>(i);
      self(self, axis + 1);
    }
  };
  add(add, 0);
  return values;
}

/// Compares some samples in no special order; those from `written` on must be `fill`.
void compare(const LatentSource& source, std::int64_t written = kB, float fill = 0.0F) {
  const auto crops = source.info().crops;
  const std::vector<std::int64_t> samples{6, 0, 3, 3, 2, 5}, chosen{crops - 1, 0, 0, crops - 1, 0, crops - 1};
  std::vector<float> out(samples.size() * kC * kH * kW);
  source.read(samples, chosen, out);
  std::size_t at = 0;
  for (std::size_t i = 0; i < samples.size(); ++i)
    for (std::int64_t c = 0; c < kC; ++c)
      for (std::int64_t h = 0; h < kH; ++h)
        for (std::int64_t w = 0; w < kW; ++w)
          QCOMPARE(out[at++], samples[i] < written ? valueAt(samples[i], chosen[i], c, h, w) : fill);
}

}  // namespace

class TestH5Chunks : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path at(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }

 private Q_SLOTS:
  void everyOrderOfAxes() {
    std::string axes = "BCHTW";
    int round = 0;
    do {
      // a helper for each takes time
      if (++round % 7 != 0 && axes != "BTCHW" && axes != "TBCHW" && axes != "BTHWC") continue;
      const auto packed = round % 2 == 0;
      auto chunk = shapeOf(axes);
      for (auto& n : chunk) n = (n + 1) / 2;
      test::writeH5(at("a.h5"),
                    {{.shape = shapeOf(axes), .chunked = packed, .chunk = packed ? std::vector<hsize_t>{} : chunk}},
                    storedAs(axes));
      compare(*openSource(at("a.h5"), {.axes = axes}));
    } while (std::next_permutation(axes.begin(), axes.end()));
    for (const std::string four : {"BHWC", "CBHW"}) {
      test::writeH5(at("a.h5"), {{.shape = shapeOf(four), .chunk = {1, 2, 3, 2}}}, storedAs(four));
      compare(*openSource(at("a.h5"), {.axes = four}));
    }
  }

  void chunksOfAnyShape() {
    for (const std::vector<hsize_t>& chunk : std::vector<std::vector<hsize_t>>{{1, 1, 1, 1, 1},
                                                                               {7, 2, 3, 4, 5},
                                                                               {2, 1, 3, 4, 5},
                                                                               {3, 2, 2, 3, 4},
                                                                               {1, 2, 3, 4, 5},
                                                                               {4, 1, 1, 4, 2},
                                                                               {7, 1, 3, 1, 5}}) {
      test::writeH5(at("c.h5"), {{.type = H5T_IEEE_F32BE, .shape = shapeOf("BTCHW"), .chunk = chunk}},
                    storedAs("BTCHW"));
      compare(*openSource(at("c.h5")));
    }
  }

  void chunksNeverWrittenAreTheFillValue() {
    for (const float fill : {0.0F, -2.5F}) {
      test::writeH5(at("f.h5"), {{.shape = shapeOf("BTCHW"), .chunk = {1, 2, 3, 4, 5}, .rowsWritten = 4, .fill = fill}},
                    storedAs("BTCHW"));
      compare(*openSource(at("f.h5")), 4, fill);
    }
  }

  /// The helper's word on places is what the library itself says.
  void placesAreThoseOfTheLibrary() {
    test::writeH5(at("p.h5"), {{.shape = shapeOf("BTCHW"), .chunk = {2, 1, 3, 3, 5}, .rowsWritten = 5}},
                  storedAs("BTCHW"));
    const hid_t file = H5Fopen(at("p.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT),
                dataset = H5Dopen2(file, "latents", H5P_DEFAULT);
    H5Reader reader(at("p.h5"));
    std::vector<std::int64_t> all(4 * 2 * 1 * 2 * 1 + 1);
    std::iota(all.begin(), all.end(), std::int64_t{0});
    const auto places = reader.places(0, all);
    int nowhere = 0;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      const std::array<hsize_t, 5> start{2 * (i / 4), i / 2 % 2, 0, 3 * (i % 2), 0};
      unsigned filters = 0;
      haddr_t address = 0;
      hsize_t size = 0;
      H5Dget_chunk_info_by_coord(dataset, start.data(), &filters, &address, &size);
      QCOMPARE(places[i].has_value(), address != HADDR_UNDEF);
      if (!places[i])
        ++nowhere;
      else
        QCOMPARE(places[i]->offset, std::uint64_t{address});
      if (places[i]) QCOMPARE(places[i]->bytes, std::uint64_t{size});
    }
    QCOMPARE(nowhere, 4);     // rows 6
    QVERIFY(!places.back());  // beyond the grid
    H5Dclose(dataset);
    H5Fclose(file);
  }

  void contextInChunks() {
    for (const bool packed : {false, true}) {
      test::H5Options context{.shape = {kB, 2, 3},
                              .chunked = packed,
                              .chunk = packed ? std::vector<hsize_t>{} : std::vector<hsize_t>{3, 1, 2},
                              .name = "context"};
      test::writeH5(at("x.h5"), {{.shape = shapeOf("BTCHW")}, context}, storedAs("BTCHW"));
      const auto source = openSource(at("x.h5"));
      QVERIFY(source->context() != nullptr);
      QCOMPARE(source->context()->info().height, std::int64_t{2});
      const std::int64_t sample = 4, crop = 0;
      std::vector<float> vectors(6);
      source->context()->read({&sample, 1}, {&crop, 1}, vectors);
      const auto all = storedAs("BTCHW");  // the same numbers, taken from the front
      QVERIFY(std::equal(vectors.begin(), vectors.end(), all.begin() + 4 * 6));
    }
    test::writeH5(at("x.h5"), {{.shape = shapeOf("BTCHW")}, {.shape = {kB, 3}, .name = "context"}}, storedAs("BTCHW"));
    QCOMPARE(openSource(at("x.h5"))->context()->info().width, std::int64_t{3});
    test::writeH5(at("x.h5"), {{.shape = shapeOf("BTCHW")}, {.shape = {kB - 1, 3}, .chunk = {2, 3}, .name = "context"}},
                  storedAs("BTCHW"));
    QVERIFY_EXCEPTION_THROWN(openSource(at("x.h5")), Error);
  }

  void aFileThatShrinksOrChangesIsAnError() {
    const auto read = [](const LatentSource& source, std::int64_t sample) {
      const std::int64_t crop = 0;
      std::vector<float> out(static_cast<std::size_t>(source.info().sampleSize()));
      source.read({&sample, 1}, {&crop, 1}, out);
    };
    for (const bool packed : {false, true}) {
      const test::H5Options options{.shape = shapeOf("BTCHW"),
                                    .chunked = packed,
                                    .chunk = packed ? std::vector<hsize_t>{} : std::vector<hsize_t>{1, 2, 3, 4, 5}};
      test::writeH5(at("s.h5"), {options}, storedAs("BTCHW"));
      auto source = openSource(at("s.h5"));
      std::filesystem::resize_file(at("s.h5"), std::filesystem::file_size(at("s.h5")) / 2);
      QVERIFY_EXCEPTION_THROWN(read(*source, kB - 1), Error);
      test::writeH5(at("s.h5"), {options}, storedAs("BTCHW"));
      source = openSource(at("s.h5"));
      read(*source, 0);
      std::fstream(at("s.h5"), std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put('x');
      QTRY_VERIFY_WITH_TIMEOUT(([&] {
                                 try {
                                   read(*source, 1);
                                 } catch (const Error& e) {
                                   return std::string(e.what()).find("written to while it was open") !=
                                          std::string::npos;
                                 }
                                 return false;
                               }()),
                               20'000);
      test::writeH5(at("s.h5"), {options}, storedAs("BTCHW"));
      source = openSource(at("s.h5"));
      std::filesystem::remove(at("s.h5"));
      compare(*source);
    }
  }
};

QTEST_GUILESS_MAIN(TestH5Chunks)
#include "tst_h5_chunks.moc"
