// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include "config/recipe.h"

namespace dw::ui {

/// The user's own recipes: one JSON file each, in the folder "recipes" of the program's configuration, readable by
/// `dwb train --recipe FILE` too.
class RecipeLibrary {
 public:
  static QString folder();
  /// Own recipes by name, sorted. Files that hold no recipe are left out.
  static QStringList names();
  /// Built in or own. Throws Error if there is none of that name or its file cannot be read.
  static config::Recipe load(const QString& name);
  /// Why a recipe may not be saved under this name; empty: it may. One of that name is replaced.
  static QString whyNotName(const QString& name);
  /// Throws Error.
  static void save(const QString& name, config::Recipe recipe);
  static bool remove(const QString& name);
  static bool isBuiltin(const QString& name);
};

}  // namespace dw::ui
