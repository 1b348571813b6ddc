// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QDir>
#include <QInputDialog>
#include <QMenu>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>
#include <QToolButton>

#include "run_bar/recipe_menu.h"
#include "session/training/recipe_draft.h"
#include "session/training/recipe_library.h"

using namespace dw;
using namespace dw::ui;

class TestRecipeMenu : public QObject {
  Q_OBJECT

  static QAction* action(RecipeMenu& menu, int index) {
    auto* actions = menu.findChild<QToolButton*>(QStringLiteral("recipeMore"))->menu();
    Q_EMIT actions->aboutToShow();
    return actions->actions().at(index);
  }

  static void saveAs(RecipeMenu& menu, const QString& name) {
    action(menu, 0)->trigger();
    QInputDialog* dialog = nullptr;
    QTRY_VERIFY((dialog = menu.window()->findChild<QInputDialog*>()) != nullptr);
    dialog->setTextValue(name);
    dialog->accept();
    QTRY_VERIFY(!menu.window()->findChild<QInputDialog*>());
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-recipes"));
  }
  void init() { QDir(RecipeLibrary::folder()).removeRecursively(); }

  void anOwnRecipeIsSavedChosenAndDeleted() {
    RecipeDraft draft;
    RecipeMenu menu(&draft);
    menu.show();
    auto* box = menu.findChild<QComboBox*>(QStringLiteral("recipeMenu"));
    draft.setField(QStringLiteral("train.batch"), QStringLiteral("24"));
    QCOMPARE(box->currentText(), QStringLiteral("quick (changed)"));
    saveAs(menu, QStringLiteral("mine"));
    QCOMPARE(box->currentText(), QStringLiteral("mine"));
    QVERIFY(!draft.isModified());
    draft.loadBuiltin(QStringLiteral("tiny"));
    QCOMPARE(box->currentText(), QStringLiteral("tiny"));
    RecipeMenu another(&draft);  // as after the next start of the program
    auto* menuOfNext = another.findChild<QComboBox*>(QStringLiteral("recipeMenu"));
    const int own = menuOfNext->findData(QStringLiteral("mine"));
    QVERIFY(own > 0);
    Q_EMIT menuOfNext->activated(own);
    QCOMPARE(draft.recipe().train.batch, 24);
    QCOMPARE(draft.recipe().name, std::string("mine"));
    draft.setField(QStringLiteral("train.batch"), QStringLiteral("9"));
    action(another, 1)->trigger();  // undo all changes
    QCOMPARE(draft.recipe().train.batch, 24);
    QVERIFY(action(another, 2)->isEnabled());
    action(another, 2)->trigger();
    QVERIFY(RecipeLibrary::names().isEmpty());
    QVERIFY(menuOfNext->findData(QStringLiteral("mine")) < 0);
    QCOMPARE(draft.recipe().train.batch, 24);  // what is on the screen stays
  }

  void badNamesAndBrokenFilesAreTold() {
    RecipeDraft draft;
    RecipeMenu menu(&draft);
    menu.show();
    QSignalSpy failed(&menu, &RecipeMenu::failed);
    for (const auto& bad :
         {QStringLiteral("quick"), QStringLiteral("../x"), QStringLiteral("   "), QStringLiteral(".hidden")}) {
      QVERIFY2(!RecipeLibrary::whyNotName(bad).isEmpty(), qPrintable(bad));
      saveAs(menu, bad);
    }
    QCOMPARE(failed.count(), 4);
    QVERIFY(RecipeLibrary::names().isEmpty());
    saveAs(menu, QStringLiteral("broken"));
    QFile file(QDir(RecipeLibrary::folder()).filePath(QStringLiteral("broken.json")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{") == 1);
    file.close();
    auto* box = menu.findChild<QComboBox*>(QStringLiteral("recipeMenu"));
    Q_EMIT box->activated(box->findData(QStringLiteral("broken")));
    QCOMPARE(failed.count(), 5);
  }

  void recipesOfTheProgramStay() {
    RecipeDraft draft;
    RecipeMenu menu(&draft);
    QVERIFY(!action(menu, 2)->isEnabled());
    QVERIFY(!RecipeLibrary::remove(QStringLiteral("quick")));
  }
};

QTEST_MAIN(TestRecipeMenu)
#include "tst_recipe_menu.moc"
