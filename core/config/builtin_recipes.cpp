// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "base/error.h"
#include "base/file.h"
#include "config/recipe.h"
#include "config/recipe_fields.h"
#include "config/recipe_json.h"

namespace dw::config {
namespace {

/// What a built-in recipe fixes; everything else is the same for all (no context, T = 1000, Adam; patches of 2 and the eps
/// target but for quick-x0).
struct BuiltinRow {
  const char* name;
  std::int64_t dim, heads, dimHead, depth, enc, dec, mlpDim, batch;
  double lr;
  std::int64_t warmup;
  const char* lrSchedule;
  double emaDecay;
  std::int64_t steps;
};

constexpr std::array kRows{
    BuiltinRow{"quick", 64, 4, 16, 2, 1, 1, 256, 32, 1e-3, 100, "cosine", 0.999, 2000},
    BuiltinRow{"quick-x0", 64, 4, 16, 2, 1, 1, 256, 32, 2e-3, 100, "cosine", 0.999, 4000},
    BuiltinRow{"seed", 16, 4, 4, 1, 1, 1, 3072, 2, 1e-4, 0, "constant", 0.0, 5000},
    BuiltinRow{"seed-b32", 16, 4, 4, 1, 1, 1, 3072, 32, 1e-4, 0, "constant", 0.0, 5000},
    BuiltinRow{"tiny", 128, 4, 32, 2, 1, 1, 3072, 16, 3e-4, 100, "cosine", 0.999, 10000},
    BuiltinRow{"small", 384, 6, 64, 4, 1, 2, 3072, 4, 2e-4, 500, "cosine", 0.9999, 20000},
    BuiltinRow{"hdm-small", 896, 14, 64, 4, 1, 2, 3072, 32, 1e-4, 1000, "cosine", 0.9999, 100000},
};

Recipe build(const BuiltinRow& row) {
  Recipe recipe;
  recipe.name = row.name;
  auto& m = recipe.model;
  m.inputDim = 0;
  m.ctxDim = 0;
  m.dim = row.dim;
  m.heads = row.heads;
  m.dimHead = row.dimHead;
  m.depth = row.depth;
  m.encBlocks = {row.enc};
  m.decBlocks = {row.dec};
  m.mlpDim = row.mlpDim;
  recipe.train.batch = row.batch;
  recipe.data.holdout = !recipe.name.starts_with("seed");  // the lecture's own runs train on every sample
  recipe.train.steps = row.steps;
  recipe.optim.lr = row.lr;
  recipe.optim.warmup = row.warmup;
  recipe.optim.lrSchedule = row.lrSchedule;
  recipe.ema.decay = row.emaDecay;
  if (recipe.name.starts_with("quick")) recipe.sample.every = 250;  // costs it little, and shows a beginner what is learned
  if (recipe.name == "quick-x0") {
    // A quarter of the tokens, so more than twice the steps in the same time. A patch has as many numbers as the model is
    // wide, so noise does not fit through; the picture does (Li and He 2025, "Back to Basics: Let Denoising Generative Models Denoise").
    m.patchSize = 4;
    recipe.diffusion.target = "x0";
  }
  return recipe;
}

}  // namespace

std::vector<std::string> builtinRecipeNames() {
  std::vector<std::string> names;
  for (const auto& row : kRows) names.emplace_back(row.name);
  return names;
}

Recipe builtinRecipe(std::string_view name) {
  for (const auto& row : kRows) {
    if (name == row.name) return build(row);
  }
  throw Error(ErrorKind::Usage, "there is no recipe named '" + std::string(name) + "'",
              "did you mean '" + nearestName(name, builtinRecipeNames()) + "'? A recipe file is given by its path");
}

Recipe loadRecipe(const std::string& nameOrPath) {
  const bool isPath = nameOrPath.find('/') != std::string::npos || nameOrPath.ends_with(".json");
  if (!isPath) return builtinRecipe(nameOrPath);
  const auto json = parseJson(readTextFile(nameOrPath), nameOrPath);
  const auto base = json.is_object() ? json.value("base", nlohmann::json("quick")) : nlohmann::json("quick");
  if (!base.is_string()) {
    throw Error(ErrorKind::BadData, std::filesystem::path(nameOrPath),
                "\"base\" of this recipe is " + toLine(base) + ", but must be the name of a recipe",
                "write one of the built-in recipes, such as \"quick\"");
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
