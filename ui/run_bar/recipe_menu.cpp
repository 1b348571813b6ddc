// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_bar/recipe_menu.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QMenu>
#include <QToolButton>

#include "base/error.h"
#include "session/training/recipe_draft.h"
#include "session/training/recipe_library.h"

namespace dw::ui {

RecipeMenu::RecipeMenu(RecipeDraft* draft, QWidget* parent) : QWidget(parent), draft_(draft) {
  setObjectName(QStringLiteral("recipeBox"));
  recipe_ = new QComboBox;
  recipe_->setObjectName(QStringLiteral("recipeMenu"));
  recipe_->setAccessibleName(tr("Recipe of the next run"));
  recipe_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  more_ = new QToolButton;
  more_->setObjectName(QStringLiteral("recipeMore"));
  more_->setAccessibleName(tr("Save, reset or delete recipes"));
  more_->setToolTip(more_->accessibleName());
  more_->setText(QStringLiteral("\u22ef"));
  more_->setProperty("flat", true);
  more_->setPopupMode(QToolButton::InstantPopup);
  more_->setStyleSheet(QStringLiteral("QToolButton::menu-indicator { image: none; }"));
  buildMenu();
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(recipe_);
  row->addWidget(more_);
  setFocusProxy(recipe_);
  connect(recipe_, &QComboBox::activated, this, [this](int index) { choose(recipe_->itemData(index).toString()); });
  connect(draft_, &RecipeDraft::changed, this, &RecipeMenu::showNames);
  fill();
}

void RecipeMenu::buildMenu() {
  auto* menu = new QMenu(this);
  menu->addAction(tr("Save as my own recipe…"), this, &RecipeMenu::askName);
  auto* reset = menu->addAction(tr("Undo all changes"), this, [this] { choose(draft_->baseName()); });
  auto* remove = menu->addAction(tr("Delete"), this, &RecipeMenu::removeOwn);
  connect(menu, &QMenu::aboutToShow, this, [this, reset, remove] {
    const QString name = draft_->baseName();
    reset->setEnabled(draft_->isModified());
    remove->setEnabled(RecipeLibrary::names().contains(name));
    remove->setText(remove->isEnabled() ? tr("Delete my recipe “%1”").arg(name)
                                        : tr("Delete (recipes of the program stay)"));
  });
  more_->setMenu(menu);
}

void RecipeMenu::fill() {
  recipe_->clear();
  for (const auto& word : config::builtinRecipeNames()) {
    recipe_->addItem(QString::fromStdString(word), QString::fromStdString(word));
    recipe_->setItemData(recipe_->count() - 1, QString::fromStdString(config::builtinRecipeDescription(word)),
                         Qt::ToolTipRole);
  }
  const auto own = RecipeLibrary::names();
  if (!own.isEmpty()) recipe_->insertSeparator(recipe_->count());
  for (const auto& word : own) recipe_->addItem(word, word);
  showNames();
}

void RecipeMenu::showNames() {
  const QString name = draft_->baseName();
  int mine = -1;
  for (int i = 0; i < recipe_->count(); ++i) {
    const QString word = recipe_->itemData(i).toString();
    if (word.isEmpty()) continue;  // the separator
    if (word == name) mine = i;
    recipe_->setItemText(i, word == name && draft_->isModified() ? tr("%1 (changed)").arg(word) : word);
  }
  recipe_->setCurrentIndex(mine);
  if (mine < 0) recipe_->setPlaceholderText(name);  // of a run that was taken up, or saved meanwhile
}

void RecipeMenu::setTip(const QString& tip) { recipe_->setToolTip(tip); }

void RecipeMenu::choose(const QString& name) {
  try {
    draft_->setRecipe(RecipeLibrary::load(name));
  } catch (const Error& error) {
    Q_EMIT failed(QString::fromStdString(error.what()), QString::fromStdString(error.remedy()));
    fill();
  }
}

void RecipeMenu::askName() {
  if (asking_) return asking_->raise();
  asking_ = new QInputDialog(window());
  asking_->setObjectName(QStringLiteral("recipeName"));
  asking_->setWindowTitle(tr("Save the recipe"));
  asking_->setLabelText(tr("Name of the recipe"));
  const QString name = draft_->baseName();
  asking_->setTextValue(RecipeLibrary::isBuiltin(name) ? tr("my %1").arg(name) : name);
  asking_->setAttribute(Qt::WA_DeleteOnClose);
  connect(asking_, &QInputDialog::textValueSelected, this, &RecipeMenu::save);
  asking_->open();  // not exec(): training goes on being shown
}

void RecipeMenu::save(const QString& name) {
  try {
    RecipeLibrary::save(name, draft_->recipe());
    draft_->becameSaved(name.trimmed());
  } catch (const Error& error) {
    Q_EMIT failed(QString::fromStdString(error.what()), QString::fromStdString(error.remedy()));
  }
  fill();
}

void RecipeMenu::removeOwn() {
  if (RecipeLibrary::remove(draft_->baseName())) fill();
}

}  // namespace dw::ui
