// SPDX-License-Identifier: GPL-3.0-or-later
#include <QImage>
#include <QPaintEvent>
#include <QTemporaryDir>
#include <QTest>

#include "pictures/picture_sheet.h"

using namespace dw;

namespace {

QPixmap pixmap(const QSize& size, const QColor& colour) {
  QPixmap made(size);
  made.fill(colour);
  return made;
}

/// What was painted of a widget.
class PaintedPart : public QObject {
 public:
  explicit PaintedPart(QWidget* widget) { widget->installEventFilter(this); }
  QRegion region;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::Paint) region += static_cast<QPaintEvent*>(event)->region();
    return QObject::eventFilter(watched, event);
  }
};

}  // namespace

class TestPictureSheet : public QObject {
  Q_OBJECT

  static void fill(ui::PictureSheet& sheet) {
    sheet.resize(600, 400);
    QList<ui::PictureSheet::Cell> cells;
    for (int i = 0; i < 8; ++i) cells.append({QString::number(i), pixmap({8, 8}, Qt::gray)});
    sheet.setCells(cells);
  }

 private Q_SLOTS:
  void oneNewPicturePaintsItsCellAlone() {
    ui::PictureSheet sheet;
    fill(sheet);
    PaintedPart painted(&sheet);
    sheet.show();
    QVERIFY(QTest::qWaitForWindowExposed(&sheet));
    QTRY_VERIFY(painted.region.contains(sheet.rect().center()));
    QCoreApplication::processEvents();
    painted.region = {};
    sheet.setPicture(1, pixmap({64, 64}, Qt::red));  // sharper, but of the same shape
    QTRY_VERIFY(!painted.region.isEmpty());
    QVERIFY(painted.region.contains(sheet.pictureRect(1).center()));
    for (const int other : {0, 2, 5}) QVERIFY(!painted.region.intersects(sheet.pictureRect(other)));
    const auto seen = sheet.grab().toImage();
    QCOMPARE(seen.pixelColor(sheet.pictureRect(1).center() * seen.devicePixelRatio()), QColor(Qt::red));
    QCOMPARE(seen.pixelColor(sheet.pictureRect(2).center() * seen.devicePixelRatio()), QColor(Qt::gray));
  }

  void aPictureOfAnotherShapeMovesTheOthers() {
    ui::PictureSheet sheet;
    fill(sheet);
    const QRect before = sheet.pictureRect(2);
    sheet.setPicture(1, pixmap({32, 8}, Qt::red));
    QCOMPARE(sheet.pictureRect(1).width(), 4 * sheet.pictureRect(1).height());
    QVERIFY(sheet.pictureRect(2) != before);
    sheet.setPicture(8, pixmap({8, 8}, Qt::red));  // there is no such cell
    QCOMPARE(sheet.cells().size(), 8);
  }

  void writesTheWholeSheet() {
    const QTemporaryDir folder;
    ui::PictureSheet sheet;
    fill(sheet);
    sheet.setPicture(7, pixmap({8, 8}, Qt::red));
    const QRect last = sheet.pictureRect(7);
    sheet.resize(600, 20);  // most of it is out of sight
    QVERIFY(sheet.writeTo(folder.filePath(QStringLiteral("a.png"))));
    const QImage image(folder.filePath(QStringLiteral("a.png")));
    QCOMPARE(image.pixelColor(last.center() * 2), QColor(Qt::red));  // twice the size of the screen
    QVERIFY(!sheet.writeTo(QStringLiteral("/nowhere/at/all.png")));
  }
};

QTEST_MAIN(TestPictureSheet)
#include "tst_picture_sheet.moc"
