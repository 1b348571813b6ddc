// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "base/file.h"
#include "run_folder/run_log.h"

using namespace dw;
namespace fs = std::filesystem;
using messages::State;
using run_folder::LogFacts;

/// log.jsonl as it is written and as it is read.
class TestRunLog : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path fresh() { return fs::path(home_.path().toStdString()) / (std::to_string(++count_) + ".jsonl"); }
  static void put(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::app) << text; }
  static LogFacts factsOf(const std::vector<std::string>& lines) {
    LogFacts facts;
    for (const auto& text : lines) {
      if (const auto line = run_folder::parseLogLine(text)) facts.take(*line);
    }
    return facts;
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void whatIsWrittenIsRead() {
    const auto path = fresh();
    {
      run_folder::EventLog log(path);
      log.append(run_folder::toLogLine(messages::StateChanged{State::Preparing, State::Running}));
    }
    {
      run_folder::EventLog again(path);  // one line about the format is enough
      again.append(run_folder::toLogLine(messages::Warning{"a", "b"}));
    }
    const std::string head = R"({"event":"log","format":1,"program":)";
    QVERIFY(readTextFile(path).starts_with(head));
    const auto lines = run_folder::readLog(path);
    QCOMPARE(lines.size(), std::size_t{3});
    QVERIFY(!lines[0].event && lines[0].time > 1.7e9);
    QVERIFY(std::get<messages::StateChanged>(*lines[1].event).to == State::Running);
    QCOMPARE(std::get<messages::Warning>(*lines[2].event).remedy, std::string("b"));
    QVERIFY(lines[2].time >= lines[1].time);
  }

  /// Half a line, as a power cut leaves it, is cut off before the next one is written.
  void aTornEnd() {
    const auto path = fresh();
    { run_folder::EventLog log(path); }
    const auto whole = fs::file_size(path);
    put(path, R"({"event":)");
    QCOMPARE(run_folder::readLog(path).size(), std::size_t{1});
    { run_folder::EventLog log(path); }
    QCOMPARE(fs::file_size(path), whole);
  }

  void linesThatAreNone() {
    for (const char* text : {"", "{", "5", "[]", "\x01\x02", "{\"event\":"})
      QVERIFY2(!run_folder::parseLogLine(text), text);
    const auto line = run_folder::parseLogLine(R"({"time":"noon","event":"of tomorrow"})");
    QVERIFY(line && !line->event);
    QCOMPARE(line->time, 0.0);
  }

  void readAsItGrows() {
    const auto path = fresh();
    run_folder::LogReader reader(path);
    QVERIFY(reader.poll().empty());
    put(path, "{\"event\":\"warning\",\"sentence\":\"a\"}\n{\"event\":");
    QCOMPARE(reader.poll().size(), std::size_t{1});
    QVERIFY(reader.poll().empty());
    put(path, "\"state\",\"to\":\"running\"}\nno line\n");
    const auto more = reader.poll();
    QCOMPARE(more.size(), std::size_t{1});
    QVERIFY(std::get<messages::StateChanged>(*more[0].event).to == State::Running);
    QCOMPARE(reader.brokenLines(), std::int64_t{1});
    std::ofstream(path) << "{}\n";  // another file under its name
    QCOMPARE(reader.poll().size(), std::size_t{1});
  }

  void facts() {
    const std::string opened =
        R"({"event":"run_opened","first_step":3,"total_steps":100,"threads":2,"device":"cpu","time":50})";
    auto facts =
        factsOf({R"({"event":"log","format":1,"time":40})", opened, R"({"event":"state","to":"running","time":51})"});
    QCOMPARE(facts.openedAt, 50.0);
    QCOMPARE(facts.lastTime, 51.0);
    QCOMPARE(facts.firstStep, std::int64_t{3});
    QCOMPARE(facts.totalSteps, std::int64_t{100});
    QCOMPARE(facts.threads, 2);
    QCOMPARE(facts.device, std::string("cpu"));
    QVERIFY(!facts.paused && !facts.ended && !facts.stopAsked);
    facts = factsOf({opened, R"({"event":"state","to":"paused"})"});
    QVERIFY(facts.paused);
    QCOMPARE(facts.lastTime, 50.0);  // a line without a time tells none
    facts = factsOf(
        {opened, R"({"event":"command_applied","command":"stop","step":4})", R"({"event":"state","to":"finished"})"});
    QVERIFY(facts.stopAsked && facts.ended && facts.failure.empty());
    facts = factsOf(
        {opened,
         R"({"event":"command_applied","command":"total_steps","number":1,"live":{"total_steps":70},"step":4})"});
    QCOMPARE(facts.totalSteps, std::int64_t{70});
    facts = factsOf({opened, R"({"event":"command_applied","command":"pause","step":4})"});
    QCOMPARE(facts.totalSteps, std::int64_t{100});
    facts = factsOf({opened, R"({"event":"went_back","to":2,"live":{"total_steps":60}})"});
    QCOMPARE(facts.totalSteps, std::int64_t{60});
    facts = factsOf({opened, R"({"event":"failed"})"});
    QVERIFY(facts.ended);
    QCOMPARE(facts.failure, std::string("it failed"));
    facts = factsOf({opened, R"({"event":"failed","sentence":"NaN","remedy":"halve"})", opened});
    QVERIFY(!facts.ended && facts.failure.empty());
  }
};

QTEST_GUILESS_MAIN(TestRunLog)
#include "tst_run_log.moc"
