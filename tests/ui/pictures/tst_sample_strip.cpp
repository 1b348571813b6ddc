// SPDX-License-Identifier: GPL-3.0-or-later
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "numbers/number_text.h"
#include "pictures/picture_file.h"
#include "pictures/sample_strip.h"

using namespace dw;

namespace {

/// A tile whose channels all hold one number each.
ui::PreviewTile tileOf(std::int64_t channels, float value) {
  auto values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(channels) * 16, value);
  return {.sample = 0, .crop = 0, .channels = channels, .height = 4, .width = 4, .block = 1, .values = values};
}

}  // namespace

class TestSampleStrip : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void channelsTakeTheSharedLimit() {
    ui::SampleStrip strip;
    strip.resize(600, 400);
    strip.setLook(data::pictures::projectionFor(data::pictures::Colours::Sd1, 4), 2.0F);
    strip.setEntries({{QStringLiteral("a"), {}, tileOf(4, 2.0F), tileOf(4, 2.0F)},
                      {QStringLiteral("b"), {}, tileOf(4, -2.0F), tileOf(4, -2.0F)}});
    const auto positive = strip.pictureOf(0, 0).pixelColor(1, 1), negative = strip.pictureOf(1, 3).pixelColor(1, 1);
    QVERIFY(positive.red() > positive.blue() + 40);
    QVERIFY(negative.blue() > negative.red() + 40);
  }

  void pointingReadsTheValue() {
    ui::SampleStrip strip;
    strip.resize(600, 400);
    strip.setLook(data::pictures::projectionFor(data::pictures::Colours::Sd1, 4), 3.0F);
    auto tile = tileOf(4, 0.0F);
    auto values = *tile.values;
    values[16 + 2 * 4 + 3] = 0.731F;  // channel 1, row 2, column 3
    tile.values = std::make_shared<const std::vector<float>>(values);
    strip.setEntries({{QStringLiteral("x_t"), {}, tile, tile}});
    strip.show();
    QVERIFY(QTest::qWaitForWindowExposed(&strip));
    QSignalSpy hovered(&strip, &ui::SampleStrip::hovered);
    const QRect rect = strip.pictureRect(0, 1);
    QTest::mouseMove(&strip, rect.topLeft() + QPoint(rect.width() * 7 / 8, rect.height() * 5 / 8));
    QTRY_VERIFY(hovered.count() > 0);
    QCOMPARE(hovered.last()[0].toString(), QStringLiteral("x_t, channel 1, row 2, column 3: 0.731"));
  }

  void picturesDoNotOverlap() {
    ui::SampleStrip strip;
    for (const QSize size : {QSize(340, 200), QSize(1200, 360), QSize(900, 800)}) {
      strip.resize(size);
      strip.setEntries({{QStringLiteral("a"), {}, tileOf(16, 0.0F), tileOf(16, 0.0F)},
                        {QStringLiteral("b"), {}, tileOf(16, 0.0F), tileOf(16, 0.0F)}});
      for (int channel = 0; channel < 16; ++channel) {
        QVERIFY(!strip.pictureRect(0, channel).intersects(strip.pictureRect(1, 0)));
        QVERIFY(!strip.pictureRect(0, channel).intersects(strip.pictureRect(0, -1)));
        QVERIFY(channel == 0 || !strip.pictureRect(0, channel).intersects(strip.pictureRect(0, channel - 1)));
      }
    }
  }

  void picturesAreWritten() {
    QTemporaryDir folder;
    const auto draw = [](QPainter& painter) { painter.fillRect(0, 0, 10, 10, Qt::red); };
    QVERIFY(ui::writePicture(folder.filePath(QStringLiteral("a.png")), {20, 10}, Qt::white, draw));
    const QImage image(folder.filePath(QStringLiteral("a.png")));
    QCOMPARE(image.size(), QSize(40, 20));
    QCOMPARE(image.pixelColor(2, 2), QColor(Qt::red));
    QCOMPARE(image.pixelColor(38, 2), QColor(Qt::white));
    QVERIFY(ui::writePicture(folder.filePath(QStringLiteral("a.svg")), {20, 10}, Qt::white, draw));
    QFile svg(folder.filePath(QStringLiteral("a.svg")));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    QVERIFY(svg.readAll().contains("<svg"));
    QVERIFY(!ui::writePicture(QStringLiteral("/nowhere/at/all.png"), {20, 10}, Qt::white, draw));
  }
};

QTEST_MAIN(TestSampleStrip)
#include "tst_sample_strip.moc"
