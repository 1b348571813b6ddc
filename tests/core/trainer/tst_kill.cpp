// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: training_runner, checkpoint_store, metrics_file
#include <spawn.h>
#include <sys/wait.h>

#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <cstdio>
#include <map>
#include <random>

#include "../../support/small_data.h"
#include "base/file.h"
#include "exact_task.h"
#include "kill_page.h"
#include "own_time.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "trainer/training_runner.h"

extern char** environ;

using namespace dw;
using namespace std::chrono_literals;
using test::Hold;
using test::KillPage;
using test::OwnTime;
using test::Phase;
namespace fs = std::filesystem;

/// Runs that are killed (SIGKILL) at seeded moments, then looked at, resumed, and killed again.
/// DWB_KILLS: how many (default 12). DWB_KILL_SEED: of the first; each kill has a seed of its own, one more than the last.
class TestKill : public QObject {
  Q_OBJECT

  static constexpr int kChain = 25;                  ///< kills of one run before the next begins
  static constexpr std::int64_t kGoOn = 4;           ///< steps of each resume that is looked at
  static constexpr std::int64_t kMostLostSteps = 1;  ///< of about 2 ms: the one whose record was being written

  /// How one kill is to happen, and what came of it.
  struct Kill {
    unsigned seed = 0;
    Phase wanted = Phase::Nothing;  ///< Nothing: at a moment by the clock
    std::int64_t nth = 0;
    Hold hold = Hold::GoOn;
    std::chrono::microseconds delay{0};  ///< after the announcement, or after the first checkpoint
    bool killed = false;
    std::string hit, wrong;
    std::int64_t lostSteps = 0;
  };
  struct Count {
    int kills = 0, held = 0, failures = 0;
  };

  QTemporaryDir home_{fs::is_directory("/dev/shm") ? QStringLiteral("/dev/shm/dwb-kill-XXXXXX")
                                                   : QStringLiteral("dwb-kill-XXXXXX")};
  std::map<std::string, Count> table_;
  std::int64_t mostLost_ = 0;
  int inSaves_ = 0, failures_ = 0;

  fs::path home() const { return home_.path().toStdString(); }

  static Kill planOf(unsigned seed) {
    std::mt19937 random(seed);
    Kill kill;
    kill.seed = seed;
    constexpr std::array kPhases{Phase::Write, Phase::Sync, Phase::Rename, Phase::Prune};
    constexpr std::array kMost{60U, 20U, 5U, 20U};  // announcements: one to three saves
    const auto which = random() % 5;
    if (which < kPhases.size()) {
      kill.wanted = kPhases[which];
      kill.nth = 1 + random() % kMost[which];
      kill.hold = static_cast<Hold>(random() % 3);
      if (kill.hold == Hold::GoOn) kill.delay = std::chrono::microseconds(random() % 300);
    } else {
      kill.delay = std::chrono::microseconds(random() % 150'000);
    }
    return kill;
  }

  /// Sleeps where that is exact enough, else spins.
  static void pass(std::chrono::microseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    if (time > 1ms) std::this_thread::sleep_for(time);
    while (std::chrono::steady_clock::now() < end) {
    }
  }

  /// Starts the child and kills it as planned. False: it ended by itself, or could not be started.
  static bool strike(const Kill& kill, const fs::path& folder, KillPage& page, const fs::path& pagePath) {
    std::array<std::string, 4> texts{DWB_KILL_CHILD, folder.string(), pagePath.string(),
                                     fs::exists(folder / "recipe.json") ? "resume" : "new"};
    std::array<char*, 5> argv{texts[0].data(), texts[1].data(), texts[2].data(), texts[3].data(), nullptr};
    page.wanted = kill.wanted;
    page.nth = kill.nth;
    page.hold = kill.hold;
    pid_t child = -1;
    if (::posix_spawn(&child, texts[0].c_str(), nullptr, nullptr, argv.data(), environ) != 0) return false;
    OwnTime limit(60s);
    const auto ready = [&] { return kill.wanted == Phase::Nothing ? page.placed >= 0 : page.announced != 0; };
    int status = 0;
    bool alone = false;
    while (!ready() && !alone && !limit.isOver()) {
      alone = ::waitpid(child, &status, WNOHANG) == child;
      std::this_thread::yield();
    }
    pass(kill.delay);
    if (alone) return false;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

  /// What the folder and the page tell about where it was hit.
  static std::string whereHit(const fs::path& folder, const KillPage& page) {
    static const std::map<Phase, std::string> kNames{
        {Phase::Write, "save: write"}, {Phase::Sync, "save: fsync"},        {Phase::Rename, "save: rename"},
        {Phase::Prune, "save: prune"}, {Phase::Records, "records: append"}, {Phase::RecordsSync, "records: fsync"}};
    if (const auto found = kNames.find(page.now[test::kCheckpoint]); found != kNames.end()) return found->second;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder / "checkpoints", absent)) {
      if (entry.path().filename().string().starts_with(".")) return "save: between calls";
    }
    for (const auto place : {test::kRecords, test::kRecordsSync}) {
      if (const auto found = kNames.find(page.now[place]); found != kNames.end()) return found->second;
    }
    return "elsewhere";
  }

  static std::string checkState(const run_folder::CheckpointInfo& info) {
    run_folder::verify(info.folder);
    if (test::readState(info.folder) != test::stateAfter(info.step, test::kStateWords))
      return "the state of step " + std::to_string(info.step) + " is another";
    return {};
  }

  /// Right after the kill, before anything cleans up.
  static std::string checkLeft(const fs::path& folder, const KillPage& page, Kill& kill) {
    run_folder::readDescription(folder);
    const auto all = run_folder::CheckpointStore(folder / "checkpoints").listAll();
    if (all.empty()) return page.placed >= 0 ? "no checkpoint is left" : "";
    for (const auto& info : all) {
      if (!info.damage.empty()) return info.folder.filename().string() + " is damaged: " + info.damage;
    }
    if (all.back().step < page.placed) return "the newest checkpoint is gone";
    if (const auto wrong = checkState(all.back()); !wrong.empty()) return wrong;
    const auto steps = run_folder::readMetrics(folder / "metrics.bin");
    const auto last = steps.empty() ? 0 : steps.back().step;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].step != static_cast<std::int64_t>(i) + 1)
        return "the metrics have a gap before step " + std::to_string(steps[i].step);
    }
    if (page.recorded >= 0 && last < page.recorded) return "a record that was written is gone";
    kill.lostSteps = std::max<std::int64_t>(0, page.stepped - last);
    if (kill.lostSteps > kMostLostSteps) return std::to_string(kill.lostSteps) + " steps are missing in the metrics";
    return {};
  }

  /// Goes on for a few steps in this process.
  static std::string checkResume(const fs::path& folder) {
    run_folder::CheckpointStore store(folder / "checkpoints");
    const auto newest = store.newestGood();
    if (!newest) return "there is nothing to resume from";
    trainer::TrainingRunner runner(test::exactTasks({.words = test::kStateWords, .stepTime = 0us, .done = {}}));
    runner.start(trainer::ResumeRun{.run = folder, .totalSteps = newest->step + kGoOn});
    OwnTime limit(60s);
    while (!runner.waitFinished(100ms)) {
      if (limit.isOver()) return "the resumed run does not end";
    }
    for (const auto& event : runner.drainEvents()) {
      if (const auto* failed = std::get_if<messages::Failed>(&event)) return "resuming failed: " + failed->sentence;
      if (const auto* opened = std::get_if<messages::RunOpened>(&event);
          opened != nullptr && opened->firstStep != newest->step)
        return "it went on from another step";
    }
    const auto all = store.listAll();
    if (all.empty() || all.back().step != newest->step + kGoOn) return "the resumed run did not save its last step";
    if (const auto wrong = checkState(all.back()); !wrong.empty()) return wrong;
    const auto steps = run_folder::readMetrics(folder / "metrics.bin");
    if (steps.size() != static_cast<std::size_t>(newest->step + kGoOn))
      return "the metrics of the resumed run have a gap";
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if ((name.starts_with(".") && name != ".lock") || name.find(".tmp-") != std::string::npos)
        return "left behind: " + name;
    }
    return {};
  }

  void killOnce(Kill& kill, const fs::path& folder) {
    const auto pagePath = home() / "page";
    auto* page = test::mapKillPage(pagePath, true);
    if (page == nullptr) {
      kill.wrong = "no memory to share";
      return;
    }
    const bool begun = fs::exists(folder / "recipe.json");
    kill.killed = strike(kill, folder, *page, pagePath);
    kill.hit = whereHit(folder, *page);
    try {
      if (!kill.killed) kill.wrong = std::string("the child ended by itself: ") + page->failure.data();
      if (kill.wrong.empty()) kill.wrong = checkLeft(folder, *page, kill);
      const bool saved = begun || page->placed >= 0;  // a run without a checkpoint cannot be resumed
      if (kill.wrong.empty() && saved) kill.wrong = checkResume(folder);
      if (!saved) {
        kill.hit = "before the first checkpoint";
        fs::remove_all(folder);
      }
    } catch (const std::exception& e) {
      kill.wrong = e.what();
    }
    test::unmapKillPage(page);
  }

  void book(const Kill& kill) {
    static const std::array<const char*, 3> kHolds{"on the run", "before the call", "after the call"};
    auto& row = table_[kill.hit];
    ++row.kills;
    row.held += kill.hold != Hold::GoOn ? 1 : 0;
    row.failures += kill.wrong.empty() ? 0 : 1;
    failures_ += kill.wrong.empty() ? 0 : 1;
    inSaves_ += kill.hit.starts_with("save") ? 1 : 0;
    mostLost_ = std::max(mostLost_, kill.lostSteps);
    std::printf("seed %u: %s (asked for phase %d, call %lld, %s, %lld us later)%s%s\n", kill.seed, kill.hit.c_str(),
                static_cast<int>(kill.wanted), static_cast<long long>(kill.nth),
                kHolds[static_cast<std::size_t>(kill.hold)], static_cast<long long>(kill.delay.count()),
                kill.wrong.empty() ? "" : " WRONG: ", kill.wrong.c_str());
    std::fflush(stdout);
  }

  void printTable(int count) const {
    std::printf("%-30s %6s %6s %9s\n", "killed in", "kills", "held", "failures");
    for (const auto& [phase, row] : table_)
      std::printf("%-30s %6d %6d %9d\n", phase.c_str(), row.kills, row.held, row.failures);
    std::printf("%-30s %6d        %9d; inside a save: %d; most steps lost of the metrics: %lld\n", "all", count,
                failures_, inSaves_, static_cast<long long>(mostLost_));
    std::fflush(stdout);
  }

 private Q_SLOTS:
  void everyKillIsSurvived() {
    const int count = qEnvironmentVariableIsSet("DWB_KILLS") ? qEnvironmentVariableIntValue("DWB_KILLS") : 12;
    test::smallData(home());  // before a child could be killed while it writes it
    const auto first = qEnvironmentVariableIsSet("DWB_KILL_SEED")
                           ? static_cast<unsigned>(qEnvironmentVariableIntValue("DWB_KILL_SEED"))
                           : 1U;
    for (int i = 0; i < count; ++i) {
      const auto folder = home() / ("run" + std::to_string(i / kChain));
      if (i % kChain == 0 && i > 0) fs::remove_all(home() / ("run" + std::to_string(i / kChain - 1)));
      auto kill = planOf(first + static_cast<unsigned>(i));
      killOnce(kill, folder);
      book(kill);
      if (!kill.wrong.empty()) home_.setAutoRemove(false);
    }
    printTable(count);
    QCOMPARE(failures_, 0);
    QVERIFY2(2 * inSaves_ >= count, qPrintable(QString::number(inSaves_)));
  }
};

int main(int argc, char** argv) {
  qputenv("QTEST_FUNCTION_TIMEOUT", "36000000");  // hundreds of kills last longer than Qt's 5 minutes
  TestKill test;
  return QTest::qExec(&test, argc, argv);
}

#include "tst_kill.moc"
