// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <set>

#include "config/live_fields.h"
#include "config/live_json.h"
#include "config/recipe_json.h"
#include "messages/command_json.h"
#include "messages/event_json.h"

using namespace dw;
using nlohmann::json;

/// What is written of an event is read back as the same event.
class TestEventJson : public QObject {
  Q_OBJECT

  std::mt19937_64 random_{1};

  std::int64_t number(std::int64_t most = 1'000'000) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most));
  }
  double real() { return static_cast<double>(number()) / 7.0; }
  std::string text() {
    static const std::vector<std::string> some{
        "", "plain", "\"quoted\" and \\", "line\nbreak", "ünïcode ∞", "{\"event\":\"failed\"}"};
    return some[static_cast<std::size_t>(number(static_cast<std::int64_t>(some.size())))] + std::to_string(number(10));
  }
  config::LiveSettings settings() {
    config::LiveSettings s;
    s.lr = 1.0 / static_cast<double>(1 + number());
    s.clipNorm = real();
    s.emaDecay = 0.9;
    s.totalSteps = 1 + number();
    s.sampleEvery = number();
    s.shape = {.kind = config::LrKind::Cosine, .from = number(), .warmup = number(), .end = real()};
    s.skipped = number();
    return s;
  }
  messages::LiveState live() { return {.settings = settings(), .changes = number()}; }
  std::vector<messages::Command> commands() {
    std::vector<messages::Command> all{
        messages::Pause{},          messages::Resume{},
        messages::Stop{},           messages::SaveCheckpoint{},
        messages::StepOnce{},       messages::Reshape{real(), {.kind = config::LrKind::Linear, .warmup = number()}},
        messages::Undo{},           messages::Redo{},
        messages::HalveRate{},      messages::SkipBatch{},
        messages::GoBack{number()}, messages::GoBack{},
        messages::CopyWeights{}};
    for (const auto& field : config::liveFields()) all.emplace_back(messages::Change{field.field, real()});
    all.emplace_back(messages::Change{config::LiveField::LearningRate, std::nan("")});  // refused, and told so
    return all;
  }
  std::vector<messages::Event> events() {
    using namespace messages;
    Validated validated{{.step = number(), .loss = real(), .ms = real()}};
    for (auto& bin : validated.point.byBin)
      bin = number(3) == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(real());
    std::vector<Event> all{StateChanged{static_cast<State>(number(7)), static_cast<State>(number(7))},
                           RunOpened{.folder = text(),
                                     .parameters = number(),
                                     .firstStep = number(),
                                     .totalSteps = number(),
                                     .threads = static_cast<int>(number(64)),
                                     .device = text(),
                                     .live = live(),
                                     .recipeSteps = number()},
                           Progress{text(), real()},
                           CheckpointSaved{number(), text(), real()},
                           validated,
                           Trouble{.kind = static_cast<ErrorKind>(number(9)),
                                   .sentence = text(),
                                   .remedy = text(),
                                   .step = number(),
                                   .samples = {number(), number()},
                                   .tensor = text()},
                           WentBack{.from = number(), .to = number(), .checkpoint = text(), .live = live()},
                           Warning{text(), text()},
                           Failed{static_cast<ErrorKind>(number(9)), text(), text(), number()}};
    for (const auto& command : commands()) {
      CommandApplied applied{
          .step = number(), .name = commandName(command), .detail = text(), .command = command, .by = text()};
      all.emplace_back(applied);
      applied.number = 1 + number();
      applied.after = live();
      applied.after.changes = applied.number;
      all.emplace_back(applied);
      all.emplace_back(CommandRefused{.step = number(),
                                      .name = commandName(command),
                                      .sentence = text(),
                                      .remedy = text(),
                                      .command = command,
                                      .by = text()});
    }
    return all;
  }

 private Q_SLOTS:
  /// By way of the text, as a log keeps it.
  void everyEventComesBack() {
    std::set<std::size_t> alternatives;
    for (int round = 0; round < 50; ++round) {
      for (const auto& event : events()) {
        const auto line = config::toLine(messages::toJson(event));
        const auto read = messages::eventFromJson(config::parseJson(line, "log"));
        QVERIFY2(read.has_value(), line.c_str());
        QCOMPARE(read->index(), event.index());
        QCOMPARE(config::toLine(messages::toJson(*read)), line);
        alternatives.insert(event.index());
      }
    }
    QCOMPARE(alternatives.size(), std::variant_size_v<messages::Event>);
  }

  /// Member by member where more than a line goes by it.
  void membersThatReadersUse() {
    const messages::RunOpened opened{.folder = "/runs/a",
                                     .parameters = 7,
                                     .firstStep = 3,
                                     .totalSteps = 90,
                                     .threads = 2,
                                     .device = "cuda:0",
                                     .live = {.settings = settings(), .changes = 4},
                                     .recipeSteps = 80};
    const auto readOpened = std::get<messages::RunOpened>(*messages::eventFromJson(messages::toJson(opened)));
    QCOMPARE(readOpened.folder, opened.folder);
    QCOMPARE(readOpened.firstStep, opened.firstStep);
    QCOMPARE(readOpened.recipeSteps, opened.recipeSteps);
    QVERIFY(readOpened.live.settings == opened.live.settings);
    QCOMPARE(readOpened.live.changes, opened.live.changes);
    messages::CommandApplied applied{.step = 5,
                                     .name = "learning_rate",
                                     .detail = "a -> b",
                                     .command = messages::Change{config::LiveField::LearningRate, 1.0 / 3.0},
                                     .by = "replay"};
    applied.number = 9;
    applied.after.settings = settings();
    const auto readApplied = std::get<messages::CommandApplied>(*messages::eventFromJson(messages::toJson(applied)));
    QCOMPARE(std::get<messages::Change>(readApplied.command).value, 1.0 / 3.0);
    QCOMPARE(readApplied.number, applied.number);
    QVERIFY(readApplied.after.settings == applied.after.settings);
    const auto readBack = std::get<messages::WentBack>(*messages::eventFromJson(
        messages::toJson(messages::WentBack{.from = 9, .to = 5, .checkpoint = "c", .live = opened.live})));
    QCOMPARE(readBack.to, std::int64_t{5});
    QCOMPARE(readBack.live.changes, std::int64_t{4});
  }

  void olderVersions() {
    const auto opened = std::get<messages::RunOpened>(
        *messages::eventFromJson({{"event", "run_opened"}, {"first_step", 30}, {"total_steps", 100}}));
    QCOMPARE(opened.live.changes, std::int64_t{-1});
    QCOMPARE(opened.recipeSteps, std::int64_t{100});  // the best it knew
    QVERIFY(!messages::toJson(messages::Event(opened)).contains("changes"));
    const auto rate = std::get<messages::CommandApplied>(*messages::eventFromJson(
        {{"event", "command_applied"}, {"command", "learning_rate"}, {"step", 3}, {"detail", "1e-4 -> 2e-4"}}));
    QCOMPARE(rate.name, std::string("learning_rate"));
    QCOMPARE(rate.number, std::int64_t{0});
    QVERIFY(std::holds_alternative<messages::Pause>(rate.command));
    const auto gone = std::get<messages::CommandApplied>(*messages::eventFromJson(
        {{"event", "command_applied"}, {"command", "preview_every"}, {"value", 7}, {"number", 2}, {"step", 3}}));
    QCOMPARE(gone.name, std::string("preview_every"));
    QCOMPARE(gone.number, std::int64_t{2});
    QVERIFY(std::holds_alternative<messages::Pause>(gone.command));
    const auto state =
        std::get<messages::StateChanged>(*messages::eventFromJson({{"event", "state"}, {"to", "paused"}}));
    QVERIFY(state.to == messages::State::Paused);
  }

  /// Every line that the stored runs (tests/golden/runs) hold, byte by byte.
  void storedLogsComeBack() {
    int lines = 0;
    for (const auto& entry : std::filesystem::directory_iterator(DWB_SOURCE_DIR "/tests/golden/runs")) {
      std::ifstream log(entry.path() / "log.jsonl");
      for (std::string text; std::getline(log, text);) {
        const auto read = messages::eventFromJson(json::parse(text, nullptr, false));
        if (!read) continue;  // the line about the format, or one that a kill cut off
        auto again = messages::toJson(*read);
        again["time"] = json::parse(text)["time"];
        QCOMPARE(config::toLine(again), text);
        ++lines;
      }
    }
    QVERIFY(lines > 100);
  }

  void whatIsNoEvent() {
    for (const auto& line :
         {json(), json(5), json("failed"), json::array({"event"}), json::object(), json{{"event", 5}},
          json{{"event", "log"}, {"format", 1}}, json{{"event", "of tomorrow"}, {"step", 1}}}) {
      QVERIFY2(!messages::eventFromJson(line), line.dump().c_str());
    }
  }

  /// Values of any type under any key: nothing breaks, and what is there is read.
  void wrongTypesAreLeftOut() {
    const std::vector<json> odd{json(),
                                json(true),
                                json(-1),
                                json(1e300),
                                json(1ULL << 63),
                                json("text"),
                                json::array({1, "two", nullptr}),
                                json{{"kind", 5}}};
    for (const auto& event : events()) {
      const auto whole = messages::toJson(event);
      for (const auto& [key, value] : whole.items()) {
        if (key == "event") continue;
        for (const auto& wrong : odd) {
          auto line = whole;
          line[key] = wrong;
          QVERIFY(messages::eventFromJson(line).has_value());
        }
      }
    }
    const auto failed = std::get<messages::Failed>(*messages::eventFromJson(
        {{"event", "failed"}, {"sentence", 5}, {"remedy", "do it"}, {"step", "x"}, {"kind", "of tomorrow"}}));
    QVERIFY(failed.sentence.empty() && failed.step == 0 && failed.kind == ErrorKind::Internal);
    QCOMPARE(failed.remedy, std::string("do it"));
  }

  void everyCommandComesBack() {
    for (const auto& command : commands()) {
      const auto line = messages::toJson(command);
      const auto read = messages::commandFromJson(config::parseJson(config::toLine(line), "log"));
      QVERIFY2(read.has_value(), line.dump().c_str());
      QCOMPARE(read->index(), command.index());
      QCOMPARE(config::toLine(messages::toJson(*read)), config::toLine(line));
    }
    QVERIFY(!messages::commandFromJson({{"command", "go_back"}}));
    QVERIFY(!messages::commandFromJson({{"command", "of_tomorrow"}}));
    QVERIFY(!messages::commandFromJson(json(5)));
  }
};

QTEST_GUILESS_MAIN(TestEventJson)
#include "tst_event_json.moc"
