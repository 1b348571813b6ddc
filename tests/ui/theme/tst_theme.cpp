// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSettings>
#include <QStandardPaths>
#include <QTest>
#include <cmath>
#include <memory>

#include "theme/icons.h"
#include "theme/theme.h"
#include "theme/widgets.h"

using namespace dw;

namespace {

double linear(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}
double luminance(const QColor& c) {
  return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}
/// Contrast ratio of WCAG 2.1.
double contrast(const QColor& a, const QColor& b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

}  // namespace

class TestTheme : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-theme"));
  }

  void textIsLegible() {
    for (const auto* c : {&theme::lightColors(), &theme::darkColors()}) {
      for (const auto& ground : {c->window, c->base, c->alternate}) {
        QVERIFY2(contrast(c->text, ground) >= 7.0, qPrintable(ground.name()));
        QVERIFY2(contrast(c->muted, ground) >= 4.5, qPrintable(ground.name()));
      }
      QVERIFY(contrast(c->onAccent, c->accent) >= 4.5);
      QVERIFY(contrast(c->text, c->errorSurface) >= 7.0);
      QVERIFY(contrast(c->text, c->warningSurface) >= 7.0);
      QVERIFY(contrast(c->muted, c->errorSurface) >= 4.5);
      QVERIFY(contrast(c->muted, c->warningSurface) >= 4.5);
    }
  }

  void everyIconIsThereAndFollowsThePalette() {
    theme::Theme theme(theme::Mode::Light);
    const auto dot = [](const QIcon& icon) {  // the darkest, most opaque pixel of the picture
      const QImage image = icon.pixmap(24, 24).toImage();
      QColor best(0, 0, 0, 0);
      for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
          if (image.pixelColor(x, y).alpha() > best.alpha()) best = image.pixelColor(x, y);
        }
      }
      return best;
    };
    theme::icon(QStringLiteral("play"));
    const auto files = QDir(QStringLiteral(":/icons")).entryList({QStringLiteral("*.svg")});
    QVERIFY(files.size() >= 15);
    for (const auto& file : files) {
      const auto icon = theme::icon(QString(file).remove(QStringLiteral(".svg")));
      theme.setMode(theme::Mode::Light);
      QVERIFY2(dot(icon).alpha() > 150, qPrintable(file));
      if (file == QLatin1String("diffusion-workbench.svg")) continue;
      const auto light = dot(icon);
      theme.setMode(theme::Mode::Dark);
      QVERIFY2(dot(icon).lightness() > light.lightness() + 80, qPrintable(file));
    }
    QVERIFY(theme::icon(QStringLiteral("no such icon")).isNull());
  }

  void modesChangeThePaletteAndTheSheetNamesNoPlaceholder() {
    theme::Theme theme(theme::Mode::Dark);
    QVERIFY(theme::colors().dark);
    theme.setMode(theme::Mode::Light);
    QVERIFY(!theme::colors().dark);
    QCOMPARE(QSettings().value(QStringLiteral("theme")).toString(), QStringLiteral("light"));
    QVERIFY(!theme::styleSheetFrom(theme::lightColors()).contains(QLatin1Char('@')));
    QCOMPARE(theme::modeFromName(QStringLiteral("dark")), theme::Mode::Dark);
    QCOMPARE(theme::modeFromName(QStringLiteral("nonsense")), theme::Mode::System);
  }

  void labelAndFieldStandSideBySide() {
    QWidget page;
    auto* row = new QHBoxLayout(&page);
    auto* field = new QLineEdit;
    const auto pair = theme::addLabelled(row, QStringLiteral("steps"), field);
    QCOMPARE(pair.size(), std::size_t{2});
    const auto* label = qobject_cast<QLabel*>(pair[0]);
    QVERIFY(label && pair[1] == field);
    QCOMPARE(label->text(), QStringLiteral("steps"));
    QCOMPARE(label->buddy(), field);
    QVERIFY(label->property("muted").toBool());
    QVERIFY(row->itemAt(0)->widget() == label && row->itemAt(1)->widget() == field);
  }

  void scrolledWidgetFillsItsArea() {
    auto* inside = new QWidget;
    inside->setMinimumHeight(500);
    const std::unique_ptr<QScrollArea> area(theme::scrolled(inside, "someScroll", QStringLiteral("Something")));
    QCOMPARE(area->objectName(), QStringLiteral("someScroll"));
    QCOMPARE(area->accessibleName(), QStringLiteral("Something"));
    QCOMPARE(area->frameShape(), QFrame::NoFrame);
    area->resize(200, 800);
    area->show();
    QCOMPARE(inside->size(), area->size());
    area->resize(200, 300);
    QCOMPARE(inside->height(), 500);
  }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
