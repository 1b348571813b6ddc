// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <string>

#include "base/error.h"
#include "config/recipe.h"
#include "config/recipe_json.h"

using namespace dw;

namespace {

/// The recipes as they stood in the program before they were files, and under which name.
struct Row {
  const char *name, *formerly;
  std::int64_t dim, heads, dimHead, depth, enc, dec, mlpDim, batch;
  double lr;
  std::int64_t warmup;
  config::LrKind lrSchedule;
  double emaDecay;
  std::int64_t steps;
  bool holdout;
  std::int64_t sampleEvery, patch;
  config::Target target;
};

using enum config::LrKind;
using enum config::Target;

constexpr Row kRows[] = {
    {"quick", nullptr, 64, 4, 16, 2, 1, 1, 256, 32, 1e-3, 100, Cosine, 0.999, 2000, true, 250, 2, Eps},
    {"quick-x0", nullptr, 64, 4, 16, 2, 1, 1, 256, 32, 2e-3, 100, Cosine, 0.999, 4000, true, 250, 4, X0},
    {"lecture", "seed", 16, 4, 4, 1, 1, 1, 3072, 2, 1e-4, 0, Constant, 0.0, 5000, false, 0, 2, Eps},
    {"lecture-b32", "seed-b32", 16, 4, 4, 1, 1, 1, 3072, 32, 1e-4, 0, Constant, 0.0, 5000, false, 0, 2, Eps},
    {"tiny", nullptr, 128, 4, 32, 2, 1, 1, 3072, 16, 3e-4, 100, Cosine, 0.999, 10000, true, 0, 2, Eps},
    {"small", nullptr, 384, 6, 64, 4, 1, 2, 3072, 4, 2e-4, 500, Cosine, 0.9999, 20000, true, 0, 2, Eps},
    {"hdm-small", nullptr, 896, 14, 64, 4, 1, 2, 3072, 32, 1e-4, 1000, Cosine, 0.9999, 100000, true, 0, 2, Eps},
};

config::Recipe recipeOf(const Row& row) {
  config::Recipe r;
  r.name = row.name;
  r.model.inputDim = 0;
  r.model.ctxDim = 0;
  r.model.dim = row.dim;
  r.model.heads = row.heads;
  r.model.dimHead = row.dimHead;
  r.model.depth = row.depth;
  r.model.encBlocks = {row.enc};
  r.model.decBlocks = {row.dec};
  r.model.mlpDim = row.mlpDim;
  r.model.patchSize = row.patch;
  r.train.batch = row.batch;
  r.train.steps = row.steps;
  r.data.holdout = row.holdout;
  r.optim.lr = row.lr;
  r.optim.warmup = row.warmup;
  r.optim.lrSchedule = row.lrSchedule;
  r.ema.decay = row.emaDecay;
  r.sample.every = row.sampleEvery;
  r.diffusion.target = row.target;
  return r;
}

}  // namespace

class TestBuiltinRecipes : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void areWhatTheyWere() {
    std::vector<std::string> names;
    for (const auto& row : kRows) {
      names.emplace_back(row.name);
      QVERIFY2(config::builtinRecipe(row.name) == recipeOf(row), row.name);
      if (row.formerly != nullptr) QVERIFY2(config::builtinRecipe(row.formerly) == recipeOf(row), row.formerly);
      QVERIFY2(config::builtinRecipeDescription(row.name).size() > 10, row.name);
    }
    QCOMPARE(config::builtinRecipeNames(), names);  // in menu order
    QCOMPARE(config::builtinRecipeNames().front(), std::string(config::kFirstRecipe));
  }

  void oldNamesAreTheProgramsToo() {
    QVERIFY(config::builtinRecipeCalled("seed") == "lecture");
    QVERIFY(config::builtinRecipeCalled("lecture-b32") == "lecture-b32");
    QVERIFY(!config::builtinRecipeCalled("") && !config::builtinRecipeCalled("mine"));
    try {
      config::builtinRecipe("seed-b23");
      QFAIL("an unknown recipe was made");
    } catch (const Error& e) {
      QVERIFY2(e.remedy().starts_with("did you mean 'lecture-b32'?"), e.remedy().c_str());
    }
  }

  /// A file of the program is a recipe file like any other.
  void aCopyLoads() {
    const auto recipe = config::loadRecipe(DWB_SOURCE_DIR "/resources/recipes/lecture.json");
    QCOMPARE(recipe.name, std::string("lecture"));
    QCOMPARE(recipe.model.dim, std::int64_t{16});
    QVERIFY_THROWS_EXCEPTION(Error, config::builtinRecipe("lectur"));
  }
};

QTEST_APPLESS_MAIN(TestBuiltinRecipes)
#include "tst_builtin_recipes.moc"
