// SPDX-License-Identifier: GPL-3.0-or-later
#include "workbench/recipe_memory.h"

#include <QSettings>

#include "base/error.h"
#include "config/recipe_fields.h"
#include "session/training/recipe_draft.h"
#include "session/training/recipe_library.h"

namespace dw::ui {
namespace {
const QString kBase = QStringLiteral("recipe/base");
const QString kChanged = QStringLiteral("recipe/changed");
}  // namespace

void rememberRecipe(const RecipeDraft& draft) {
  QSettings settings;
  settings.setValue(kBase, draft.baseName());
  QVariantMap changed;
  for (const auto& field : config::recipeFields()) {
    const QString key = QString::fromStdString(field.key);
    if (draft.text(key) != draft.baseText(key)) changed.insert(key, draft.text(key));
  }
  settings.setValue(kChanged, changed);
}

void recallRecipe(RecipeDraft* draft) {
  const QSettings settings;
  const QString base = settings.value(kBase).toString();
  if (base.isEmpty()) return;
  try {
    draft->setRecipe(RecipeLibrary::load(base));
  } catch (const Error&) {
    return;  // an own recipe that was deleted meanwhile: the program's first one stays
  }
  const QVariantMap changed = settings.value(kChanged).toMap();
  for (auto it = changed.begin(); it != changed.end(); ++it) draft->setField(it.key(), it.value().toString());
}

}  // namespace dw::ui
