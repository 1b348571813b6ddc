// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/recipe_library.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>
#include <algorithm>

#include "base/error.h"
#include "config/recipe_json.h"

namespace dw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("RecipeLibrary", text); }

QString fileOf(const QString& name) { return QDir(RecipeLibrary::folder()).filePath(name + QStringLiteral(".json")); }

}  // namespace

QString RecipeLibrary::folder() {
  return QDir(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation)).filePath(QStringLiteral("recipes"));
}

QStringList RecipeLibrary::names() {
  QStringList found = QDir(folder()).entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
  for (auto& name : found) name.chop(5);
  found.removeIf([](const QString& name) { return isBuiltin(name); });
  return found;
}

bool RecipeLibrary::isBuiltin(const QString& name) {
  return config::builtinRecipeCalled(name.toStdString()).has_value();
}

config::Recipe RecipeLibrary::load(const QString& name) {
  if (isBuiltin(name)) return config::builtinRecipe(name.toStdString());
  auto recipe = config::loadRecipe(fileOf(name).toStdString());
  recipe.name = name.toStdString();
  return recipe;
}

QString RecipeLibrary::whyNotName(const QString& name) {
  constexpr qsizetype kLongest = 60;
  if (name.trimmed().isEmpty()) return tr("Give the recipe a name.");
  if (isBuiltin(name.trimmed())) return tr("%1 is a recipe of the program; choose another name.").arg(name.trimmed());
  if (name.size() > kLongest) return tr("The name is too long.");
  static const QString kForbidden = QStringLiteral("/\\:*?\"<>|");
  const bool bad =
      std::any_of(name.begin(), name.end(), [](QChar c) { return kForbidden.contains(c) || !c.isPrint(); });
  if (bad || name.trimmed().startsWith(QLatin1Char('.')))
    return tr("A name may not begin with a dot or contain any of %1").arg(kForbidden);
  return {};
}

void RecipeLibrary::save(const QString& name, config::Recipe recipe) {
  if (const QString why = whyNotName(name); !why.isEmpty()) throw Error(ErrorKind::Usage, why.toStdString());
  recipe.name = name.trimmed().toStdString();
  const QString file = fileOf(name.trimmed());
  QDir().mkpath(folder());
  QSaveFile out(file);
  const auto text = QByteArray::fromStdString(config::toJson(recipe).dump(2) + "\n");
  if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.commit()) {
    throw Error(ErrorKind::Io, tr("%1 could not be written").arg(file).toStdString(),
                tr("see that the folder is yours and the disk has room").toStdString());
  }
}

bool RecipeLibrary::remove(const QString& name) { return !isBuiltin(name) && QFile::remove(fileOf(name)); }

}  // namespace dw::ui
