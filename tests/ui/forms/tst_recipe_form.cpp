// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

#include "config/recipe_fields.h"
#include "forms/collapsible_section.h"
#include "forms/field_editor.h"
#include "forms/recipe_form.h"
#include "session/training/recipe_draft.h"

using namespace dw;
using namespace dw::ui;

/// The form with real keys and clicks, over a real draft.
class TestRecipeForm : public QObject {
  Q_OBJECT

  std::unique_ptr<RecipeDraft> draft_;
  std::unique_ptr<RecipeForm> form_;

  template <class T>
  T* find(const char* name) {
    return form_->findChild<T*>(QLatin1String(name));
  }
  void type(const char* field, const char* text) {
    auto* line = find<QLineEdit>(field);
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, QLatin1String(text));
  }

 private Q_SLOTS:
  void init() {
    draft_ = std::make_unique<RecipeDraft>();
    draft_->setDatasetShape(config::DatasetShape{2048, 3, 4, 32, 32, 6});
    form_ = std::make_unique<RecipeForm>(draft_.get());
    form_->resize(336, 600);
    form_->show();
    QVERIFY(QTest::qWaitForWindowExposed(form_.get()));
  }

  void cleanup() { form_.reset(); }

  void everyFieldIsThereOnce() {
    for (const auto& field : config::recipeFields()) {
      const auto name = QStringLiteral("edit.") + QString::fromStdString(field.key);
      const auto editors = form_->findChildren<QWidget*>(name);
      QCOMPARE(editors.size(), 1);
      QVERIFY(!editors[0]->accessibleName().isEmpty());
      QVERIFY(!editors[0]->toolTip().isEmpty());
    }
    for (const char* key :
         {"edit.data.scale", "edit.train.batch", "edit.train.steps", "edit.optim.lr", "edit.model.dim"}) {
      QVERIFY2(find<QWidget>(key)->isVisible(), key);
    }
    QVERIFY(!find<QWidget>("edit.optim.beta1")->isVisible());
  }

  void editGoesToTheDraft() {
    type("edit.train.batch", "48");
    QCOMPARE(draft_->recipe().train.batch, 48);
    type("edit.optim.lr", "0.00050");
    QCOMPARE(draft_->recipe().optim.lr, 5e-4);
    QCOMPARE(find<QLineEdit>("edit.optim.lr")->text(), QStringLiteral("0.00050"));  // not rewritten under the fingers
    find<QLineEdit>("edit.train.batch")->setFocus();
    QVERIFY(find<QLineEdit>("edit.optim.lr")->text() != QStringLiteral("0.00050"));
  }

  void draftGoesToTheForm() {
    draft_->loadBuiltin(QStringLiteral("tiny"));
    QCOMPARE(find<QLineEdit>("edit.model.dim")->text(), QStringLiteral("128"));
    draft_->setField(QStringLiteral("optim.kind"), QStringLiteral("sgd"));
    QCOMPARE(find<QComboBox>("edit.optim.kind")->currentText(), QStringLiteral("SGD"));
  }

  void problemAtTheFieldAndFix() {
    auto* problem = find<QLabel>("problem.train.batch");
    auto* fix = find<QPushButton>("fix.train.batch");
    QVERIFY(!problem->isVisible() && !fix->isVisible());
    type("edit.train.batch", "0");
    QVERIFY(problem->isVisible() && fix->isVisible());
    QVERIFY(!problem->text().isEmpty());
    QVERIFY(!draft_->isReady());
    QTest::mouseClick(fix, Qt::LeftButton);
    QVERIFY(draft_->isReady());
    QVERIFY(!problem->isVisible() && !fix->isVisible());
    QCOMPARE(find<QLineEdit>("edit.train.batch")->text(), draft_->text(QStringLiteral("train.batch")));
  }

  void noNumberAtAllAndFix() {
    type("edit.train.steps", "many");
    QVERIFY(find<QLabel>("problem.train.steps")->isVisible());
    QTest::mouseClick(find<QPushButton>("fix.train.steps"), Qt::LeftButton);
    QVERIFY(draft_->isReady());
    QCOMPARE(find<QLineEdit>("edit.train.steps")->text(), QStringLiteral("2000"));
  }

  void searchFindsByNameKeyAndReason() {
    auto* search = find<QLineEdit>("fieldSearch");
    QTest::keyClicks(search, QStringLiteral("beta1"));
    QVERIFY(find<QWidget>("edit.optim.beta1")->isVisible());
    QVERIFY(!find<QWidget>("edit.train.batch")->isVisible());
    QVERIFY(!find<QWidget>("section.model")->isVisible());
    search->clear();
    QTest::keyClicks(search, QStringLiteral("xyzzy"));
    for (auto* field : form_->findChildren<FieldEditor*>()) QVERIFY(!field->isVisible());
    search->clear();
    QVERIFY(find<QWidget>("edit.train.batch")->isVisible());
    QVERIFY(!find<QWidget>("edit.optim.beta1")->isVisible());  // closed again
  }

  void sectionSaysThatSomethingInItIsWrong() {
    auto* section = find<CollapsibleSection>("section.optim");
    auto* heading = section->findChild<QToolButton*>(QString(), Qt::FindDirectChildrenOnly);
    const QString before = heading->text();
    draft_->setField(QStringLiteral("optim.beta1"), QStringLiteral("2"));
    QVERIFY(heading->text() != before);
    QTest::mouseClick(heading, Qt::LeftButton);
    QVERIFY(find<QLabel>("problem.optim.beta1")->isVisible());
    draft_->setField(QStringLiteral("optim.beta1"), QStringLiteral("0.9"));
    QCOMPARE(heading->text(), before);
  }

  void lockedWhileRunningThenADraft() {
    const auto running = draft_->recipe();
    QVERIFY(!find<QWidget>("lockBanner")->isVisible());
    form_->setRunning(running);
    QVERIFY(form_->isLocked());
    QVERIFY(find<QWidget>("lockBanner")->isVisible());
    QVERIFY(!find<QLineEdit>("edit.train.batch")->isEnabled());
    QTest::mouseClick(find<QPushButton>("unlockForm"), Qt::LeftButton);
    QVERIFY(!form_->isLocked());
    QVERIFY(find<QWidget>("lockBanner")->isVisible());  // still says that this is only a draft
    type("edit.train.batch", "16");
    QCOMPARE(draft_->recipe().train.batch, 16);
    QCOMPARE(running.train.batch, 32);
    form_->setRunning(std::nullopt);
    QVERIFY(!find<QWidget>("lockBanner")->isVisible());
    QVERIFY(find<QLineEdit>("edit.train.batch")->isEnabled());
  }

  void whyOnDemand() {
    auto* why = find<QToolButton>("why.optim.lr");
    const int before = why->parentWidget()->sizeHint().height();
    QTest::mouseClick(why, Qt::LeftButton);
    QVERIFY(why->parentWidget()->sizeHint().height() > before);
  }
};

QTEST_MAIN(TestRecipeForm)
#include "tst_recipe_form.moc"
