// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "config/embedded_recipes.h"
#include "config/recipe.h"
#include "config/recipe_fields.h"
#include "config/recipe_json.h"

namespace dw::config {
namespace {

/// One file of resources/recipes. What it wants stands in it; here is no rule that goes by its name.
struct Builtin {
  std::string name;
  std::string formerly;  ///< how earlier versions called it; may be empty
  std::string description;
  std::int64_t order = 0;  ///< menus show the lowest first
  nlohmann::json json;
};

const std::vector<Builtin>& builtins() {
  static const std::vector<Builtin> all = [] {
    std::vector<Builtin> read;
    for (const auto& [file, text] : embeddedRecipes()) {
      auto json = parseJson(text, file);
      auto& recipe = read.emplace_back();
      recipe.name = json.at("name").get<std::string>();
      recipe.formerly = json.value("formerly", std::string());
      recipe.description = json.at("description").get<std::string>();
      recipe.order = json.at("order").get<std::int64_t>();
      recipe.json = std::move(json);
    }
    std::ranges::stable_sort(read, {}, &Builtin::order);
    return read;
  }();
  return all;
}

const Builtin* findBuiltin(std::string_view name) {
  const auto found = std::ranges::find_if(
      builtins(), [&](const Builtin& b) { return b.name == name || (!b.formerly.empty() && b.formerly == name); });
  return found == builtins().end() ? nullptr : &*found;
}

const Builtin& builtinNamed(std::string_view name) {
  if (const auto* found = findBuiltin(name)) return *found;
  auto names = builtinRecipeNames();
  for (const auto& builtin : builtins()) {
    if (!builtin.formerly.empty()) names.push_back(builtin.formerly);
  }
  throw Error(ErrorKind::Usage, "there is no recipe named '" + std::string(name) + "'",
              "did you mean '" + findBuiltin(nearestName(name, names))->name + "'? A recipe file is given by its path");
}

}  // namespace

std::vector<std::string> builtinRecipeNames() {
  std::vector<std::string> names;
  for (const auto& builtin : builtins()) names.push_back(builtin.name);
  return names;
}

std::optional<std::string> builtinRecipeCalled(std::string_view name) {
  const auto* found = findBuiltin(name);
  return found == nullptr ? std::nullopt : std::optional(found->name);
}

Recipe builtinRecipe(std::string_view name) { return recipeFromJson(builtinNamed(name).json); }

std::string builtinRecipeDescription(std::string_view name) { return builtinNamed(name).description; }

Recipe loadRecipe(const std::string& nameOrPath) {
  const bool isPath = nameOrPath.find('/') != std::string::npos || nameOrPath.ends_with(".json");
  if (!isPath) return builtinRecipe(nameOrPath);
  const auto json = parseJson(readTextFile(nameOrPath), nameOrPath);
  const auto base = json.is_object() ? json.value("base", nlohmann::json(kFirstRecipe)) : nlohmann::json(kFirstRecipe);
  if (!base.is_string()) {
    throw Error(ErrorKind::BadData, std::filesystem::path(nameOrPath),
                "\"base\" of this recipe is " + toLine(base) + ", but must be the name of a recipe",
                std::string("write one of the built-in recipes, such as \"") + kFirstRecipe + "\"");
  }
  return recipeFromJson(json, builtinRecipe(base.get<std::string>()));
}

ModelSettings fittedModel(ModelSettings model, const ModelSettings& other) {
  if (model.inputDim == 0) model.inputDim = other.inputDim;
  return model;
}

Recipe fittedTo(Recipe recipe, const DatasetShape& shape) {
  if (recipe.model.inputDim == 0) recipe.model.inputDim = shape.channels;
  return recipe;
}

}  // namespace dw::config
