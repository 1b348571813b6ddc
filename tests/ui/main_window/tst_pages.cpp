// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QMenuBar>
#include <QSet>
#include <QSettings>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "fake_task.h"
#include "main_window/main_window.h"
#include "main_window/pages.h"
#include "theme/theme.h"
#include "workbench/workbench.h"

using namespace dw;
using namespace dw::ui;

class TestPages : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-pages"));
    QSettings().clear();
    qputenv("DWB_RUNS", folder_.filePath(QStringLiteral("runs")).toLocal8Bit());
  }

  void eachHasItsOwnNameAndKey() {
    QSet<QString> ids, keys;
    for (const auto& page : allPages()) {
      ids.insert(QString::fromLatin1(page.id));
      keys.insert(QString::fromLatin1(page.shortcut));
      QVERIFY(page.menuText().contains(QLatin1Char('&')));
      QVERIFY(!page.text().contains(QLatin1Char('&')));
      QVERIFY(pageIds().contains(QString::fromLatin1(page.id)));
    }
    QCOMPARE(ids.size(), static_cast<qsizetype>(allPages().size()));
    QCOMPARE(keys.size(), static_cast<qsizetype>(allPages().size()));
    QCOMPARE(allPages()[0].buttonName(), QStringLiteral("navStart"));
    QCOMPARE(allPages()[4].text(), QStringLiteral("Samples"));
  }

  /// Button, key and --page lead to the same page of the stack; its objectName is the id with "Page".
  void allWaysLeadToIt() {
    theme::Theme theme(theme::Mode::Light);
    Workbench workbench(Backends{.task = test::fakeTasks()});
    MainWindow window(&workbench, &theme);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    const auto* stack = window.findChild<QStackedWidget*>(QStringLiteral("pages"));
    QCOMPARE(stack->count(), static_cast<int>(allPages().size()));
    const auto shown = [stack] { return stack->currentWidget()->objectName(); };
    for (const auto& page : allPages()) {
      const auto id = QString::fromLatin1(page.id), name = id + QStringLiteral("Page");
      auto* button = window.findChild<QAbstractButton*>(page.buttonName());
      QVERIFY2(button && !button->icon().isNull(), page.id);
      window.showPage(QStringLiteral("start"));
      window.showPage(id);
      QCOMPARE(shown(), name);
      QVERIFY(button->isChecked());
      window.showPage(QStringLiteral("start"));
      button->click();
      QCOMPARE(shown(), name);
      window.showPage(QStringLiteral("start"));
      const auto keys = QKeySequence(QString::fromLatin1(page.shortcut));
      QTest::keySequence(&window, keys);
      QCOMPARE(shown(), name);
    }
    window.showPage(QStringLiteral("no such page"));
    QCOMPARE(shown(), QString::fromLatin1(allPages().back().id) + QStringLiteral("Page"));
  }
};

QTEST_MAIN(TestPages)
#include "tst_pages.moc"
