// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <limits>

#include "config/live_json.h"
#include "messages/command_json.h"
#include "schedule/lr_schedule.h"
#include "trainer/live_control.h"

using namespace dw;
using config::LiveField;

/// The live settings with their history: what is refused, undone, saved, and the curve ahead.
class TestLiveControl : public QObject {
  Q_OBJECT

  static config::Recipe recipe() {
    config::Recipe r;
    r.optim.lrSchedule = config::LrKind::Cosine;
    r.optim.warmup = 10;
    r.train.steps = 100;
    r.ema.decay = 0.99;
    return r;
  }
  static bool applies(trainer::LiveControl& control, const messages::Command& command, std::int64_t step = 50) {
    return std::holds_alternative<messages::CommandApplied>(control.apply(command, step, "user"));
  }

 private Q_SLOTS:
  void nonsenseIsRefused_data() {
    QTest::addColumn<int>("field");
    QTest::addColumn<double>("value");
    const auto row = [](const char* name, LiveField field, double value) {
      QTest::newRow(name) << static_cast<int>(field) << value;
    };
    row("rate 0", LiveField::LearningRate, 0.0);
    row("rate negative", LiveField::LearningRate, -1e-4);
    row("rate NaN", LiveField::LearningRate, std::nan(""));
    row("rate 1e9", LiveField::LearningRate, 1e9);
    row("rate infinite", LiveField::LearningRate, std::numeric_limits<double>::infinity());
    row("total below the step", LiveField::TotalSteps, 49);
    row("total with a fraction", LiveField::TotalSteps, 60.5);
    row("total 0", LiveField::TotalSteps, 0);
    row("clip negative", LiveField::ClipNorm, -1);
    row("decay 1", LiveField::EmaDecay, 1.0);
    row("weight decay 2", LiveField::WeightDecay, 2.0);
    row("samples NaN", LiveField::SampleEvery, std::nan(""));
  }
  void nonsenseIsRefused() {
    QFETCH(int, field);
    QFETCH(double, value);
    trainer::LiveControl control(recipe());
    const auto before = control.settings();
    const auto outcome = control.apply(messages::Change{static_cast<LiveField>(field), value}, 50, "user");
    const auto* refused = std::get_if<messages::CommandRefused>(&outcome);
    QVERIFY(refused != nullptr && !refused->sentence.empty() && !refused->remedy.empty());
    QVERIFY(control.settings() == before);
    QCOMPARE(control.state().changes, std::int64_t{0});
  }

  /// Until November 2026 there was a period of previews, which nothing obeyed: runs of then are read on.
  void settingsThatAreNoMoreAreLeftOut() {
    const auto initial = config::initialLiveSettings(recipe());
    auto old = config::toJson(initial);
    old["preview_every"] = 7;
    QVERIFY(config::liveSettingsFromJson(old, {}) == config::liveSettingsFromJson(config::toJson(initial), {}));
    trainer::LiveControl control(recipe());
    QVERIFY(applies(control, messages::Change{LiveField::LearningRate, 2e-4}));
    auto saved = control.toJson();
    for (const char* part : {"now", "recipe"}) saved[part]["preview_every"] = 7;
    auto read = trainer::LiveControl::fromJson(saved, recipe());
    QVERIFY(read.settings() == control.settings());
    QCOMPARE(read.state().undos, 1);
    // A replay counts it as a command that is missing, and warns.
    QVERIFY(!messages::liveCommandFromJson({{"command", "preview_every"}, {"value", 7}}));
  }

  void wrongCurvesAreRefused() {
    trainer::LiveControl control(recipe());
    QVERIFY(!messages::liveCommandFromJson({{"command", "reshape"}, {"peak", 1e-3}, {"shape", {{"kind", "cosin"}}}}));
    QVERIFY(!applies(control, messages::Reshape{1e-3, {.kind = config::LrKind::Linear, .warmup = -1}}));
    QVERIFY(!applies(control, messages::Reshape{1e-3, {.kind = config::LrKind::Linear, .end = std::nan("")}}));
    QVERIFY(!applies(control, messages::Reshape{0.0, {.kind = config::LrKind::Linear}}));
    QVERIFY(!applies(control, messages::Reshape{1e-3, {.kind = config::LrKind::OneCycle, .startDivisor = 0.0}}));
    QVERIFY(control.settings() == config::initialLiveSettings(recipe()));
  }

  void averageThatIsNotKeptHasNoDecay() {
    auto without = recipe();
    without.ema.decay = 0.0;
    trainer::LiveControl control(without);
    QVERIFY(!applies(control, messages::Change{LiveField::EmaDecay, 0.9}));
  }

  void undoAndRedo() {
    trainer::LiveControl control(recipe());
    QVERIFY(!applies(control, messages::Undo{}));
    QVERIFY(applies(control, messages::Change{LiveField::LearningRate, 2e-4}));
    QVERIFY(applies(control, messages::Change{LiveField::ClipNorm, 1.0}));
    const auto changed = control.settings();
    QVERIFY(applies(control, messages::SkipBatch{}));
    QVERIFY(applies(control, messages::Undo{}));
    QVERIFY(applies(control, messages::Undo{}));
    auto initial = config::initialLiveSettings(recipe());
    initial.skipped = 1;  // a batch that was left out stays out
    QVERIFY(control.settings() == initial);
    QCOMPARE(control.state().redos, 2);
    QVERIFY(applies(control, messages::Redo{}));
    QVERIFY(applies(control, messages::Redo{}));
    QVERIFY(!applies(control, messages::Redo{}));
    QCOMPARE(control.settings().lr, changed.lr);
    QCOMPARE(control.settings().clipNorm, 1.0);
    QVERIFY(applies(control, messages::Undo{}));
    QVERIFY(applies(control, messages::Change{LiveField::WeightDecay, 0.1}));
    QCOMPARE(control.state().redos, 0);
    QCOMPARE(control.state().changes, std::int64_t{9});
  }

  void undoneTotalIsNotBelowTheStep() {
    trainer::LiveControl control(recipe());
    QVERIFY(applies(control, messages::Change{LiveField::TotalSteps, 500}, 50));
    QVERIFY(!applies(control, messages::Undo{}, 200));
    QCOMPARE(control.settings().totalSteps, std::int64_t{500});
  }

  void checkpointHoldsAllOfIt() {
    trainer::LiveControl control(recipe());
    applies(control, messages::Change{LiveField::LearningRate, 1.0 / 3.0});
    applies(control,
            messages::Reshape{
                0.1, {.kind = config::LrKind::Polynomial, .warmup = 3, .start = 1e-5, .end = 1.0 / 7.0, .power = 1.7}},
            20);
    applies(control, messages::Change{LiveField::ClipNorm, 0.3});
    applies(control, messages::Undo{});
    const auto text = control.toJson().dump();
    auto again = trainer::LiveControl::fromJson(nlohmann::json::parse(text), recipe());
    QVERIFY(again.settings() == control.settings());
    QCOMPARE(again.toJson().dump(), text);
    QVERIFY(applies(again, messages::Redo{}));
    QCOMPARE(again.settings().clipNorm, 0.3);
  }

  void changedRecipeIsMeant() {
    trainer::LiveControl control(recipe());
    applies(control, messages::Change{LiveField::LearningRate, 0.5});
    applies(control, messages::Change{LiveField::ClipNorm, 0.3});
    auto other = recipe();
    other.optim.lr = 7e-4;
    const auto branch = trainer::LiveControl::fromJson(control.toJson(), other);
    QCOMPARE(branch.settings().lr, 7e-4);
    QCOMPARE(branch.settings().clipNorm, 0.3);
    QCOMPARE(branch.state().undos, 0);
  }

  void damagedStateChangesNothing() {
    for (const char* text :
         {"null", "[]", R"({"now":{"learning_rate":-1,"total_steps":"x"},"undo":[1,{}],"changes":-3})",
          R"({"lr":"x"})"}) {
      const auto control = trainer::LiveControl::fromJson(nlohmann::json::parse(text), recipe());
      QCOMPARE(control.settings().lr, recipe().optim.lr);
      QCOMPARE(control.settings().totalSteps, std::int64_t{100});
    }
  }

  void commandsAreReadBack() {
    const std::vector<messages::Command> all{messages::Change{LiveField::WeightDecay, 1.0 / 3.0},
                                             messages::Reshape{0.1, {.kind = config::LrKind::Linear, .end = 1.0 / 9.0}},
                                             messages::Undo{},
                                             messages::Redo{},
                                             messages::HalveRate{},
                                             messages::SkipBatch{}};
    for (const auto& command : all) {
      const auto json = nlohmann::json::parse(messages::toJson(command).dump());
      const auto read = messages::liveCommandFromJson(json);
      QVERIFY(read.has_value());
      QCOMPARE(messages::toJson(*read).dump(), json.dump());
    }
    QVERIFY(!messages::liveCommandFromJson(messages::toJson(messages::Command{messages::Pause{}})));
  }

  void curveAheadIsWhatTrainingWillUse() {
    trainer::LiveControl control(recipe());
    QVERIFY(applies(control,
                    messages::Reshape{1e-3, {.kind = config::LrKind::Linear, .warmup = 10, .start = 1e-4, .end = 5e-5}},
                    40));
    const auto& live = control.settings();
    QCOMPARE(schedule::learningRate(live, 40), 1e-4);
    QVERIFY(std::abs(schedule::learningRate(live, 45) - 5.5e-4) < 1e-15);
    QCOMPARE(schedule::learningRate(live, 50), 1e-3);
    const auto ahead = schedule::ratesAhead(live, 40, 1000);
    QCOMPARE(ahead.size(), std::size_t{60});
    for (const auto& point : ahead) QCOMPARE(point.rate, schedule::learningRate(live, point.step - 1));
    const auto thin = schedule::ratesAhead(live, 40, 7);
    QCOMPARE(thin.size(), std::size_t{7});
    QCOMPARE(thin.front().step, std::int64_t{41});
    QCOMPARE(thin.back().step, std::int64_t{100});
    QVERIFY(schedule::ratesAhead(live, 100, 7).empty());
    QCOMPARE(schedule::ratesAhead(live, 99, 0).size(), std::size_t{1});
  }
};

QTEST_APPLESS_MAIN(TestLiveControl)
#include "tst_live_control.moc"
