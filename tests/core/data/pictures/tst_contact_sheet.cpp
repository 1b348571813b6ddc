// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include <span>

#include "base/error.h"
#include "base/file.h"
#include "data/pictures/contact_sheet.h"
#include "data/pictures/picture_decoder.h"
#include "data/plain_source.h"

using namespace dw::data;
using namespace dw::data::pictures;
using namespace dw::data::pictures;

namespace {

PreviewImage plain(int width, int height, std::uint8_t value) {
  return {.width = width,
          .height = height,
          .rgb = std::vector<std::uint8_t>(static_cast<std::size_t>(3 * width * height), value)};
}

std::uint8_t red(const PreviewImage& p, int x, int y) { return p.rgb[3 * static_cast<std::size_t>(y * p.width + x)]; }

}  // namespace

class TestContactSheet : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void picturesLieInRows();
  void columnsMakeASquare();
  void pngReadsBack();
  void pngIntoNowhere();
  void plainSource();
  void plainSourceRefusesWhatDoesNotFit();
};

void TestContactSheet::picturesLieInRows() {
  const auto sheet =
      contactSheet({plain(2, 1, 100), plain(2, 1, 150), plain(2, 1, 200)}, {.columns = 2, .zoom = 3, .gap = 1});
  QCOMPARE(sheet.width, 1 + 2 * (6 + 1));
  QCOMPARE(sheet.height, 1 + 2 * (3 + 1));
  QCOMPARE(sheet.rgb.size(), static_cast<std::size_t>(3 * sheet.width * sheet.height));
  QCOMPARE(red(sheet, 1, 1), std::uint8_t{100});
  QCOMPARE(red(sheet, 6, 3), std::uint8_t{100});
  QVERIFY(red(sheet, 7, 1) < 100);  // the gap
  QCOMPARE(red(sheet, 8, 1), std::uint8_t{150});
  QCOMPARE(red(sheet, 1, 5), std::uint8_t{200});
  QVERIFY(red(sheet, 8, 5) < 100);  // nothing there
  QVERIFY_THROWS_EXCEPTION(dw::Error, contactSheet({}, {}));
  const std::vector<PreviewImage> many(20'000, plain(1, 1, 100));  // its pixels would not fit an int, far less a PNG
  QVERIFY_THROWS_EXCEPTION(dw::Error, contactSheet(many, {.columns = 1, .zoom = 150'000, .gap = 0}));
}

void TestContactSheet::columnsMakeASquare() {
  QCOMPARE(squareColumns(1), 1);
  QCOMPARE(squareColumns(16), 4);
  QCOMPARE(squareColumns(17), 5);
  QCOMPARE(squareColumns(0), 1);
}

void TestContactSheet::pngReadsBack() {
  const QTemporaryDir folder;
  const std::filesystem::path path = folder.filePath(QStringLiteral("sheet.png")).toStdString();
  auto picture = plain(7, 5, 9);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(i * 37);
  writePng(path, picture);
  const auto text = dw::readTextFile(path);
  const auto back = decodePicture(path, std::as_bytes(std::span(text)), 3, 1);
  QCOMPARE(back.width, std::int64_t{7});
  QVERIFY(back.values == picture.rgb);
}

void TestContactSheet::pngIntoNowhere() {
  const QTemporaryDir folder;
  QVERIFY_THROWS_EXCEPTION(
      dw::Error, writePng(folder.filePath(QStringLiteral("no/such/folder.png")).toStdString(), plain(2, 2, 0)));
}

void TestContactSheet::plainSource() {
  const auto source = makePlainSource({.channels = 1,
                                       .height = 1,
                                       .width = 2,
                                       .values = {1, 2, 3, 4, 5, 6},
                                       .labels = {0, 2, 1},
                                       .classNames = {"a", "b", "c"}});
  QCOMPARE(source->info().samples, std::int64_t{3});
  QCOMPARE(source->info().classes, std::int64_t{3});
  std::vector<float> out(4);
  const std::vector<std::int64_t> samples{2, 0}, crops{0, 0};
  source->read(samples, crops, out);
  QVERIFY((out == std::vector<float>{5, 6, 1, 2}));
  QCOMPARE(source->labels()[1], std::int64_t{2});
}

void TestContactSheet::plainSourceRefusesWhatDoesNotFit() {
  QVERIFY_THROWS_EXCEPTION(
      dw::Error,
      makePlainSource({.channels = 1, .height = 2, .width = 2, .values = {1, 2, 3}, .labels = {}, .classNames = {}}));
  QVERIFY_THROWS_EXCEPTION(
      dw::Error,
      makePlainSource({.channels = 1, .height = 1, .width = 1, .values = {1, 2, 3}, .labels = {0}, .classNames = {}}));
}

QTEST_APPLESS_MAIN(TestContactSheet)
#include "tst_contact_sheet.moc"
