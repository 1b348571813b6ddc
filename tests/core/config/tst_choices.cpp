// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <algorithm>
#include <set>
#include <string>

#include "base/error.h"
#include "config/field_text.h"
#include "config/live_json.h"
#include "config/recipe_fields.h"
#include "config/recipe_json.h"

using namespace dw;
using config::LrKind;
using config::ScheduleKind;

namespace {

/// Unique keys and labels, a sentence for each, and each key names its value, in this version and in text.
template <config::Choosable Kind>
bool isSound() {
  std::set<std::string_view> keys, labels;
  std::size_t expected = 0;
  for (const auto& row : config::choices<Kind>()) {
    ++expected;
    keys.insert(row.key);
    labels.insert(row.label);
    if (!row.oldKey.empty()) {
      ++expected;
      keys.insert(row.oldKey);
      if (config::fromKey<Kind>(row.oldKey) != row.value) return false;
    }
    if (row.key.empty() || row.label.empty() || !row.why.ends_with('.')) return false;
    if (config::keyOf(row.value) != row.key || config::labelOf(row.value) != row.label ||
        config::fromKey<Kind>(row.key) != row.value)
      return false;
    Kind read{};
    if (!config::fromText(config::toText(row.value), read) || read != row.value) return false;
  }
  return keys.size() == expected && labels.size() == config::choices<Kind>().size() && !config::fromKey<Kind>("") &&
         !config::fromKey<Kind>("no such thing");
}

/// What a form offers for the field is the table.
template <config::Choosable Kind>
bool offers(const char* key) {
  const auto* field = config::findField(key);
  if (field == nullptr || field->kind != config::FieldKind::Choice) return false;
  const auto table = config::choices<Kind>();
  return std::ranges::equal(field->choices, table, [](const auto& a, const auto& b) {
    return a.key == b.key && a.label == b.label && a.why == b.why;
  });
}

}  // namespace

class TestChoices : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyTableIsSound() {
    QVERIFY(isSound<config::OptimizerKind>());
    QVERIFY(isSound<config::LrKind>());
    QVERIFY(isSound<config::ScheduleKind>());
    QVERIFY(isSound<config::Target>());
    QVERIFY(isSound<config::LossWeight>());
    QVERIFY(isSound<config::TimestepKind>());
    QVERIFY(isSound<config::SamplerKind>());
    QVERIFY(isSound<config::Spacing>());
    QVERIFY(isSound<config::Precision>());
    QVERIFY(isSound<config::Device>());
    QVERIFY(isSound<config::SampleOrder>());
  }

  void formsOfferTheTables() {
    QVERIFY(offers<config::OptimizerKind>("optim.kind"));
    QVERIFY(offers<config::LrKind>("optim.lr_schedule"));
    QVERIFY(offers<config::ScheduleKind>("schedule.kind"));
    QVERIFY(offers<config::Target>("diffusion.target"));
    QVERIFY(offers<config::LossWeight>("diffusion.loss_weight"));
    QVERIFY(offers<config::TimestepKind>("diffusion.timesteps"));
    QVERIFY(offers<config::Precision>("train.precision"));
    QVERIFY(offers<config::Device>("train.device"));
    QVERIFY(offers<config::SampleOrder>("data.order"));
    std::size_t fields = 0;
    for (const auto& field : config::recipeFields()) fields += field.kind == config::FieldKind::Choice ? 1 : 0;
    QCOMPARE(fields, std::size_t{9});
  }

  /// Every key of every version that may stand in a file today.
  void keysOfFilesAreRead() {
    const std::pair<const char*, ScheduleKind> kinds[] = {{"seed_formula_t0", ScheduleKind::LinearTOverT},
                                                          {"linear_t_over_T", ScheduleKind::LinearTOverT},
                                                          {"seed_formula_t1", ScheduleKind::LinearT1OverT},
                                                          {"linear_t1_over_T", ScheduleKind::LinearT1OverT},
                                                          {"seed_linspace", ScheduleKind::Linear},
                                                          {"linear", ScheduleKind::Linear},
                                                          {"scaled_linear", ScheduleKind::ScaledLinear},
                                                          {"squaredcos_cap_v2", ScheduleKind::SquaredCosine},
                                                          {"sigmoid", ScheduleKind::Sigmoid},
                                                          {"linear_zero_snr", ScheduleKind::LinearZeroSnr},
                                                          {"scaled_linear_zero_snr", ScheduleKind::ScaledLinearZeroSnr},
                                                          {"flow", ScheduleKind::Flow},
                                                          {"custom", ScheduleKind::Custom}};
    for (const auto& [key, kind] : kinds) QVERIFY2(config::fromKey<ScheduleKind>(key) == kind, key);
    QCOMPARE(config::keysOf<config::OptimizerKind>(), (std::vector<std::string>{"adam", "adamw", "sgd"}));
    QCOMPARE(config::keysOf<config::LrKind>(),
             (std::vector<std::string>{"constant", "linear", "cosine", "cosine_restarts", "one_cycle", "polynomial"}));
    QCOMPARE(config::keysOf<config::SamplerKind>(),
             (std::vector<std::string>{"ddim", "ddpm", "dpmpp2m", "euler", "unipc", "flow"}));
    QCOMPARE(config::keysOf<config::Target>(), (std::vector<std::string>{"eps", "x0", "v", "flow"}));
    QCOMPARE(config::keysOf<config::LossWeight>(), (std::vector<std::string>{"none", "min_snr", "debiased"}));
    QCOMPARE(config::keysOf<config::TimestepKind>(),
             (std::vector<std::string>{"uniform", "logit_normal", "importance"}));
    QCOMPARE(config::keysOf<config::Spacing>(), (std::vector<std::string>{"trailing", "leading", "linspace"}));
    QCOMPARE(config::keysOf<config::Precision>(), (std::vector<std::string>{"float32", "bfloat16"}));
    QCOMPARE(config::keysOf<config::Device>(), (std::vector<std::string>{"cpu", "cuda"}));
    QCOMPARE(config::keysOf<config::SampleOrder>(), (std::vector<std::string>{"random", "epoch"}));
  }

  void unknownNamesAreRefusedAtTheField() {
    config::Recipe recipe;
    const auto before = recipe;
    const auto problems = config::setField(recipe, "schedule.kind", "sigmoit");
    QVERIFY(hasErrors(problems));
    QCOMPARE(problems.at(0).field, std::string("schedule.kind"));
    QCOMPARE(problems.at(0).fix, std::string("sigmoid"));
    QVERIFY(recipe == before);
    QCOMPARE(config::setField(recipe, "optim.lr_schedule", "cosine_restart").at(0).fix, std::string("cosine_restarts"));
    QVERIFY_THROWS_EXCEPTION(Error, config::recipeFromJson(nlohmann::json::parse(R"({"schedule":{"kind":"cosin"}})")));
    try {
      config::choiceNamed<config::SamplerKind>("sampler", "dimm");
      QFAIL("an unknown sampler was accepted");
    } catch (const Error& e) {
      QCOMPARE(std::string(e.what()), std::string("there is no sampler called 'dimm'"));
      QCOMPARE(e.remedy(), std::string("did you mean ddim?"));
    }
  }

  void oldNamesAreReadAndNewOnesWritten() {
    const auto old = config::recipeFromJson(
        nlohmann::json::parse(R"({"format":1,"name":"seed","schedule":{"kind":"seed_formula_t1","steps":7}})"));
    config::Recipe made;
    made.name = "lecture";
    made.schedule = {.kind = ScheduleKind::LinearT1OverT, .steps = 7};
    QVERIFY(old == made);
    QCOMPARE(config::toJson(old)["schedule"]["kind"].get<std::string>(), std::string("linear_t1_over_T"));
    QVERIFY(config::setField(made, "schedule.kind", "seed_linspace").empty());
    QCOMPARE(config::findField("schedule.kind")->get(made), std::string("linear"));
  }

  void curvesOfTheRateAreReadByKey() {
    const config::LrCurve shape{.kind = LrKind::CosineRestarts, .cycles = 3.0};
    const auto json = config::toJson(shape);
    QCOMPARE(json["kind"].get<std::string>(), std::string("cosine_restarts"));
    QVERIFY(config::lrCurveFromJson(json, {}) == shape);
    QVERIFY_THROWS_EXCEPTION(Error, config::lrCurveFromJson({{"kind", "of a newer version"}}, {}));
  }
};

QTEST_APPLESS_MAIN(TestChoices)
#include "tst_choices.moc"
