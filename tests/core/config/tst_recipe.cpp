// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "config/recipe_fields.h"
#include "config/recipe_json.h"

using namespace dw;

class TestRecipe : public QObject {
  Q_OBJECT

  static bool names(const Problems& problems, const std::string& field) {
    return std::any_of(problems.begin(), problems.end(), [&](const Problem& p) { return p.field == field; });
  }

 private Q_SLOTS:
  void builtinsAreSoundAndSurviveJson() {
    for (const auto& name : config::builtinRecipeNames()) {
      const auto recipe = config::builtinRecipe(name);
      QVERIFY2(!hasErrors(config::validate(recipe)), name.c_str());
      QVERIFY(config::recipeFromJson(config::toJson(recipe)) == recipe);
    }
  }

  void theLecturesModel() {
    const auto lecture = config::builtinRecipe("lecture");
    QCOMPARE(lecture.model.dim, std::int64_t{16});
    QCOMPARE(lecture.model.headSize(), std::int64_t{4});
    QCOMPARE(lecture.model.mlpDim, std::int64_t{3072});
    QCOMPARE(lecture.model.ctxDim, std::int64_t{0});
    QCOMPARE(lecture.train.batch, std::int64_t{2});
    QCOMPARE(lecture.optim.lr, 1e-4);
    QCOMPARE(lecture.ema.decay, 0.0);
  }

  /// Every field: its own text sets it again, nonsense does not, and the value out of range is named with a fix that helps.
  void everyFieldRefusesNonsenseAndMendsItself() {
    for (const auto& field : config::recipeFields()) {
      auto recipe = config::builtinRecipe("small");
      const auto before = recipe;
      QVERIFY2(config::setField(recipe, field.key, field.get(recipe)).empty(), field.key.c_str());
      QVERIFY2(recipe == before, field.key.c_str());
      QVERIFY2(field.why.size() > 10 && !field.label.empty(), field.key.c_str());
      if (field.kind == config::FieldKind::Text) continue;
      QVERIFY2(hasErrors(config::setField(recipe, field.key, "a lot")), field.key.c_str());
      if (field.kind != config::FieldKind::Integer && field.kind != config::FieldKind::Number) continue;
      const auto problems = config::setField(recipe, field.key, field.min > 0 ? "0" : "-1");
      const bool isUnsigned = field.key == "train.seed";  // -1 is no such number at all
      QVERIFY2(hasErrors(problems), field.key.c_str());
      if (!isUnsigned) QVERIFY2(!hasErrors(config::setField(recipe, field.key, problems[0].fix)), field.key.c_str());
    }
  }

  void unknownKeysNameTheNearest() {
    auto recipe = config::builtinRecipe("quick");
    QCOMPARE(config::setField(recipe, "optim.lrr", "1").at(0).fix, std::string("optim.lr"));
    QCOMPARE(config::setField(recipe, "train.lr", "1").at(0).fix, std::string("optim.lr"));
    QVERIFY_THROWS_EXCEPTION(Error, config::builtinRecipe("quik"));
    try {
      config::recipeFromJson(nlohmann::json::parse(R"({"model":{"dimm":3}})"));
      QFAIL("an unknown key was read");
    } catch (const Error& e) {
      QVERIFY(e.remedy().find("model.dim") != std::string::npos);
    }
  }

  void wholeNumbersMayBeWrittenAsReals() {
    auto recipe = config::builtinRecipe("quick");
    QVERIFY(config::setField(recipe, "train.steps", "1e4").empty());
    QCOMPARE(recipe.train.steps, std::int64_t{10000});
    QVERIFY(hasErrors(config::setField(recipe, "train.steps", "1.5")));
    QVERIFY(hasErrors(config::setField(recipe, "optim.lr", "nan")));
    QVERIFY(hasErrors(config::setField(recipe, "optim.lr", "1e9")));
  }

  void impossibleModelsAreNamed() {
    auto recipe = config::builtinRecipe("quick");
    recipe.model.dimHead = 7;
    QVERIFY(names(config::validate(recipe), "model.dim_head"));
    recipe.model.dimHead = 0;
    recipe.model.heads = 5;
    const auto problems = config::validate(recipe);
    QVERIFY(names(problems, "model.heads"));
    QCOMPARE(problems[0].fix, std::string("4"));
    recipe = config::builtinRecipe("quick");
    recipe.model.encBlocks = {1, 2, 3};
    QVERIFY(names(config::validate(recipe), "model.enc_blocks"));
    recipe.data.crop = "middle";
    QVERIFY(names(config::validate(recipe), "data.crop"));
  }

  void datasetsThatDoNotFitAreNamed() {
    const auto recipe = config::builtinRecipe("quick");
    QVERIFY(config::validateAgainst(recipe, {100, 3, 4, 32, 32, 0}).empty());
    QVERIFY(names(config::validateAgainst(recipe, {100, 3, 4, 31, 32, 0}), "model.patch_size"));
    QVERIFY(names(config::validateAgainst(recipe, {31, 3, 4, 32, 32, 0}), "train.batch"));
    QVERIFY(names(config::validateAgainst(recipe, {0, 3, 4, 32, 32, 0}), "data"));
    auto other = recipe;
    other.model.inputDim = 3;
    QVERIFY(names(config::validateAgainst(other, {100, 3, 4, 32, 32, 0}), "model.input_dim"));
    other.data.crop = "3";
    QVERIFY(names(config::validateAgainst(other, {100, 3, 4, 32, 32, 0}), "data.crop"));
    other.model.classCond = 6;
    QVERIFY(names(config::validateAgainst(other, {100, 3, 4, 32, 32, 0}), "model.class_cond"));
    QCOMPARE(config::fittedTo(recipe, {100, 3, 4, 32, 32, 0}).model.inputDim, std::int64_t{4});
  }

  void noiseThatDoesNotFitThroughIsToldOf() {
    auto recipe = config::builtinRecipe("quick");
    const config::DatasetShape shape{1000, 3, 4, 32, 32, 0};
    QVERIFY(config::validateAgainst(recipe, shape).empty());
    recipe.model.patchSize = 4;  // 64 numbers through a width of 64
    const auto problems = config::validateAgainst(recipe, shape);
    QVERIFY(names(problems, "diffusion.target") && !hasErrors(problems));
    QVERIFY(!hasErrors(config::setField(recipe, "diffusion.target", problems.at(0).fix)));
    QVERIFY(config::validateAgainst(recipe, shape).empty());
    for (const char* name : {"quick-x0", "lecture"})
      QVERIFY(config::validateAgainst(config::builtinRecipe(name), shape).empty());
    recipe = config::builtinRecipe("quick");
    for (const auto absurd : {std::int64_t{-4'000'000'000}, std::int64_t{4'000'000'000}}) {
      recipe.model.patchSize = absurd;  // no more than its own sentence
      config::validateAgainst(recipe, shape);
    }
  }

  void bfloat16IsForGpus() {
    auto recipe = config::builtinRecipe("quick");
    QVERIFY(!hasErrors(config::setField(recipe, "train.precision", "bfloat16")));
    QVERIFY(names(config::validate(recipe), "train.precision") && !hasErrors(config::validate(recipe)));
    recipe.train.device = config::Device::Cuda;
    QVERIFY(!names(config::validate(recipe), "train.precision"));
    QVERIFY(hasErrors(config::setField(recipe, "train.precision", "bfloat8")));
  }

  void hugeNumbersAreNamedAsTheyAre() {
    auto recipe = config::builtinRecipe("quick");
    const auto seed = config::setField(recipe, "train.seed", "18446744073709551615");
    QCOMPARE(seed.at(0).fix, std::string("18000000000000000000"));
    QVERIFY(!hasErrors(config::setField(recipe, "train.seed", seed.at(0).fix)));
    for (const char* text : {"inf", "-inf", "nan", "1e999"}) {
      QVERIFY2(hasErrors(config::setField(recipe, "optim.clip_norm", text)), text);
      QVERIFY2(std::isfinite(recipe.optim.clipNorm), text);
    }
    recipe = config::builtinRecipe("quick");
    recipe.optim.clipNorm = std::nan("");  // 0 is allowed here, NaN is not
    QVERIFY(names(config::validate(recipe), "optim.clip_norm"));
  }

  /// Prime widths and patch sizes beyond any machine: found at once, not by trying every divisor.
  void absurdSizesAreRefusedAtOnce() {
    auto recipe = config::builtinRecipe("quick");
    recipe.model.dim = (std::int64_t{1} << 61) - 1;
    recipe.model.dimHead = std::int64_t{1} << 60;
    QVERIFY(names(config::validate(recipe.model), "model.dim"));
    recipe.model.dim = std::numeric_limits<std::int64_t>::max();
    QVERIFY(names(config::validate(recipe.model), "model.dim"));
    recipe.model.patchSize = (std::int64_t{1} << 61) - 1;
    QVERIFY(names(config::validateAgainst(recipe, {100, 3, 4, 32, 32, 0}), "model.patch_size"));
  }

  void hostileJsonIsASentence_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nested a million deep") << QByteArray(R"({"model":)").repeated(1'000'000);
    QTest::newRow("lists in lists") << QByteArray("[").repeated(1'000'000);
    QTest::newRow("no UTF-8") << QByteArray("{\"name\":\"\xff\"}");
    QTest::newRow("format as text") << QByteArray(R"({"format":"99"})");
    QTest::newRow("format newer") << QByteArray(R"({"format":99})");
    QTest::newRow("a list") << QByteArray("[1]");
    QTest::newRow("null for a number") << QByteArray(R"({"train":{"batch":null}})");
    QTest::newRow("object for a number") << QByteArray(R"({"train":{"batch":{"x":1}}})");
    QTest::newRow("number for an object") << QByteArray(R"({"train":7})");
    QTest::newRow("beyond every number") << QByteArray(R"({"train":{"steps":123456789012345678901234567890}})");
  }
  void hostileJsonIsASentence() {
    QFETCH(QByteArray, text);
    QVERIFY_THROWS_EXCEPTION(Error, config::recipeFromJson(config::parseJson(text.toStdString(), "recipe.json")));
  }

  void modelSettingsOfTheWrongKindAreASentence() {
    for (const char* text : {R"({"dim":1e300})", R"({"dim":"16"})", R"({"enc_blocks":"1"})", R"({"use_dyt":3})"}) {
      QVERIFY_THROWS_EXCEPTION(Error, config::modelSettingsFromJson(nlohmann::json::parse(text)));
    }
  }

  void treadComesAndGoesAsAWhole() {
    auto recipe = config::builtinRecipe("quick");
    QVERIFY(config::setField(recipe, "model.tread.prev_trns_depth", "0").empty());
    QVERIFY(!recipe.model.tread);
    QVERIFY(config::setField(recipe, "model.tread.dropout_ratio", "0.5").empty());
    QVERIFY(recipe.model.tread.has_value());
    QVERIFY(config::setField(recipe, "model.tread.dropout_ratio", "0").empty());
    QVERIFY(!recipe.model.tread);
  }
};

QTEST_APPLESS_MAIN(TestRecipe)
#include "tst_recipe.moc"
