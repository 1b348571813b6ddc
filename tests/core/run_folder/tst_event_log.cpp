// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: run_log
#include <QTemporaryDir>
#include <QtTest>

#include "base/file.h"
#include "messages/event_json.h"
#include "run_folder/run_log.h"

using namespace dw;
using nlohmann::json;

/// The lines of log.jsonl as core/run_folder/README.md, section 5, has them: other programs read them.
class TestEventLog : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  std::filesystem::path at(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }

  static std::vector<std::string> keysOf(const messages::Event& event) {
    std::vector<std::string> keys;
    const auto line = messages::toJson(event);
    for (const auto& item : line.items()) keys.push_back(item.key());
    return keys;
  }
  using Keys = std::vector<std::string>;

 private Q_SLOTS:
  void everyEventHasItsKeys() {
    QCOMPARE(keysOf(messages::StateChanged{}), (Keys{"event", "from", "to"}));
    QCOMPARE(keysOf(messages::RunOpened{}), (Keys{"changes", "device", "event", "first_step", "folder", "live",
                                                  "parameters", "recipe_steps", "threads", "total_steps"}));
    QCOMPARE(keysOf(messages::CheckpointSaved{}), (Keys{"event", "folder", "seconds", "step"}));
    QCOMPARE(keysOf(messages::Trouble{}), (Keys{"event", "kind", "remedy", "samples", "sentence", "step", "tensor"}));
    QCOMPARE(keysOf(messages::WentBack{}), (Keys{"changes", "checkpoint", "event", "from", "live", "to"}));
    QCOMPARE(keysOf(messages::Warning{}), (Keys{"event", "remedy", "sentence"}));
    QCOMPARE(keysOf(messages::Failed{}), (Keys{"event", "kind", "remedy", "sentence", "step"}));
  }

  void commandsCarryTheirArguments() {
    messages::CommandApplied pause{.step = 7, .name = "pause", .detail = {}, .command = messages::Pause{}};
    const json paused{{"event", "command_applied"}, {"command", "pause"}, {"step", 7}, {"detail", ""}, {"by", "user"}};
    QCOMPARE(messages::toJson(pause), paused);
    messages::CommandApplied rate{.step = 7,
                                  .name = "learning_rate",
                                  .detail = "0.0001 -> 0.0003",
                                  .command = messages::Change{config::LiveField::LearningRate, 0.0003},
                                  .by = "remedy",
                                  .number = 2};
    auto line = messages::toJson(rate);
    QVERIFY(line.at("live").is_object());
    line.erase("live");
    const json changed{{"event", "command_applied"},
                       {"command", "learning_rate"},
                       {"value", 0.0003},
                       {"step", 7},
                       {"number", 2},
                       {"detail", "0.0001 -> 0.0003"},
                       {"by", "remedy"}};
    QCOMPARE(line, changed);
    messages::CommandRefused back{
        .step = 9, .name = "go_back", .sentence = "why", .remedy = "what", .command = messages::GoBack{4}};
    const json refused{{"event", "command_refused"}, {"command", "go_back"}, {"to", 4},     {"step", 9},
                       {"sentence", "why"},          {"remedy", "what"},     {"by", "user"}};
    QCOMPARE(messages::toJson(back), refused);
  }

  void aNewLogBeginsWithItsFormat() {
    { run_folder::EventLog log(at("new.jsonl")); }
    { run_folder::EventLog again(at("new.jsonl")); }
    const auto first = json::parse(readTextFile(at("new.jsonl")));  // one line only, however often it is opened
    QCOMPARE(first.at("event"), json("log"));
    QCOMPARE(first.at("format"), json(1));
    QVERIFY(first.at("time").is_number());
  }

  void aTornLineIsCutOff() {
    {
      run_folder::EventLog log(at("torn.jsonl"));
      log.append(run_folder::toLogLine(messages::Warning{"first", ""}));
    }
    const auto whole = readTextFile(at("torn.jsonl"));
    {
      AppendFile torn(at("torn.jsonl"));
      torn.append(std::string("{\"event\":\"warn"));
    }
    run_folder::EventLog log(at("torn.jsonl"));
    QCOMPARE(readTextFile(at("torn.jsonl")), whole);
    const auto line = run_folder::toLogLine(messages::Warning{"second", ""});
    log.append(line);
    QCOMPARE(readTextFile(at("torn.jsonl")), whole + line);
  }
};

QTEST_APPLESS_MAIN(TestEventLog)
#include "tst_event_log.moc"
