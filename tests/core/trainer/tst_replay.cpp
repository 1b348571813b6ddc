// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "trainer/replay.h"

using namespace dw;

/// Which commands of a log count when the run is repeated.
class TestReplay : public QObject {
  Q_OBJECT

  std::vector<messages::Warning> warnings_;

  /// "step:number:value" of those that count.
  std::vector<std::string> script(const std::vector<std::string>& lines) {
    std::vector<run_folder::LogLine> log;
    for (const auto& text : lines) {
      if (auto line = run_folder::parseLogLine(text)) log.push_back(std::move(*line));
    }
    warnings_.clear();
    std::vector<std::string> found;
    for (const auto& c : trainer::scriptOf(log, warnings_)) {
      const auto* change = std::get_if<messages::Change>(&c.command);
      found.push_back(
          std::to_string(c.step) + ":" + std::to_string(c.number) + ":" +
          (change != nullptr ? std::to_string(static_cast<int>(change->value)) : messages::commandName(c.command)));
    }
    return found;
  }
  static std::string clip(int step, int number, int value) {
    return R"({"event":"command_applied","command":"clip_norm","value":)" + std::to_string(value) + R"(,"step":)" +
           std::to_string(step) + R"(,"number":)" + std::to_string(number) + "}";
  }
  static std::string opened(int changes) {
    return R"({"event":"run_opened","changes":)" + std::to_string(changes) + "}";
  }
  static std::string wentBack(int changes) {
    return R"({"event":"went_back","changes":)" + std::to_string(changes) + "}";
  }
  using Script = std::vector<std::string>;

 private Q_SLOTS:
  void inOrderWithTheirSteps() {
    QCOMPARE(script({opened(0), clip(3, 1, 5), R"({"event":"command_applied","command":"pause","step":4})",
                     clip(6, 2, 7), R"({"event":"command_applied","command":"undo","step":9,"number":3})"}),
             (Script{"3:1:5", "6:2:7", "9:3:undo"}));
    QVERIFY(warnings_.empty());
  }

  void whatWasGivenUpIsLeftOut() {
    QCOMPARE(script({opened(0), clip(3, 1, 5), clip(6, 2, 7), wentBack(1), clip(4, 2, 8)}), (Script{"3:1:5", "4:2:8"}));
    QVERIFY(warnings_.empty());
    QCOMPARE(script({opened(0), clip(3, 1, 5), clip(6, 2, 7), opened(1)}),
             (Script{"3:1:5"}));  // resumed from an earlier checkpoint
    QVERIFY(warnings_.empty());
  }

  void aBranchCountsOn() {
    QCOMPARE(script({opened(4), clip(30, 5, 1)}), (Script{"30:5:1"}));
    QVERIFY(warnings_.empty());
  }

  void givenWhilePreparing() {
    QCOMPARE(script({clip(0, 1, 5), opened(1), clip(3, 2, 6)}), (Script{"0:1:5", "3:2:6"}));
    QVERIFY(warnings_.empty());
  }

  void aMissingNumberIsAWarning() {
    QCOMPARE(script({opened(0), clip(3, 1, 5), clip(6, 3, 7)}), (Script{"3:1:5", "6:3:7"}));
    QCOMPARE(warnings_.size(), std::size_t{1});
    QVERIFY(warnings_[0].sentence.starts_with("command number 2 is missing in the log"));
    // Of a field that is no more.
    script({opened(0), R"({"event":"command_applied","command":"preview_every","value":7,"step":1,"number":1})",
            clip(3, 2, 5)});
    QCOMPARE(warnings_.size(), std::size_t{1});
  }

  void logsOfBefore() {
    QVERIFY(script({R"({"event":"run_opened"})",
                    R"({"event":"command_applied","command":"learning_rate","detail":"1 -> 2","step":3})"})
                .empty());
    QCOMPARE(warnings_.size(), std::size_t{1});
    QVERIFY(warnings_[0].sentence.starts_with("an older version wrote the log, without the exact rates"));
    // Without counts, nothing can be given up.
    QCOMPARE(script({opened(0), clip(3, 1, 5), R"({"event":"run_opened"})", R"({"event":"went_back"})"}),
             (Script{"3:1:5"}));
  }
};

QTEST_GUILESS_MAIN(TestReplay)
#include "tst_replay.moc"
