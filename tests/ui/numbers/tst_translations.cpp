// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QDirIterator>
#include <QFile>
#include <QLocale>
#include <QRegularExpression>
#include <QTest>

#include "numbers/number_text.h"
#include "numbers/translations.h"

using namespace dw::ui;

class TestTranslations : public QObject {
  Q_OBJECT

  static QString read(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
  }
  static QString stepsText(qint64 steps) {
    return QCoreApplication::translate("RunText", "Finished all %1 steps", nullptr, plural(steps)).arg(count(steps));
  }

 private Q_SLOTS:
  void initTestCase() {
    QLocale::setDefault(QLocale(QLocale::English));
    installTranslations(QCoreApplication::instance());
  }

  void oneAndMany() {
    QCOMPARE(stepsText(1), QStringLiteral("Finished 1 step"));
    QCOMPARE(stepsText(5000), QStringLiteral("Finished all 5,000 steps"));
    QCOMPARE(stepsText(5'000'000'000), QStringLiteral("Finished all 5,000,000,000 steps"));
    QCOMPARE(QCoreApplication::translate("FileFacts", "%1 samples", nullptr, plural(1)).arg(count(1)),
             QStringLiteral("1 sample"));
    QCOMPARE(QCoreApplication::translate("dw::ui::RunComparison", "%n runs selected", nullptr, 1),
             QStringLiteral("1 run selected"));
    QCOMPARE(QCoreApplication::translate("dw::ui::RunComparison", "%n runs selected", nullptr, 3),
             QStringLiteral("3 runs selected"));
  }

  /// A language without a translation of its own: English, with its plurals.
  void otherLanguagesFallBack() {
    QLocale::setDefault(QLocale(QLocale::Finnish));
    installTranslations(QCoreApplication::instance());
    QCOMPARE(stepsText(1), QStringLiteral("Finished 1 step"));
    QLocale::setDefault(QLocale(QLocale::English));
  }

  /// Every text of the window that has a plural stands in the English file. A new one gets there by
  ///   lupdate -pluralonly -locations none -no-obsolete ui -ts resources/translations/diffusion-workbench_en.ts
  void everyPluralIsThere() {
    auto known = read(QStringLiteral(DWB_SOURCE_DIR "/resources/translations/diffusion-workbench_en.ts"));
    QVERIFY(!known.contains(QLatin1String("unfinished")));
    known.replace(QLatin1String("&lt;"), QLatin1String("<"))
        .replace(QLatin1String("&gt;"), QLatin1String(">"))
        .replace(QLatin1String("&amp;"), QLatin1String("&"));
    // tr("text", nullptr, n) and translate("Context", "text", nullptr, n)
    static const QRegularExpression numerus(QStringLiteral("\"((?:[^\"\\\\]|\\\\.)*)\",\\s*nullptr,\\s*[^)\\s]"));
    int seen = 0;
    QDirIterator files(QStringLiteral(DWB_SOURCE_DIR "/ui"), {QStringLiteral("*.cpp")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
      const auto path = files.next();
      const auto text = read(path);
      for (auto found = numerus.globalMatch(text); found.hasNext();) {
        const auto source = found.next().captured(1).replace(QLatin1String("\\n"), QLatin1String("\n"));
        QVERIFY2(known.contains(QStringLiteral("<source>%1</source>").arg(source)),
                 qPrintable(path + QStringLiteral(": ") + source));
        ++seen;
      }
    }
    QVERIFY(seen > 20);
  }
};

QTEST_GUILESS_MAIN(TestTranslations)
#include "tst_translations.moc"
