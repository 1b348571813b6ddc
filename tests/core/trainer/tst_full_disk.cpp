// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: training_runner, run_records
#include <sys/mount.h>

#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "../../support/small_data.h"
#include "base/file.h"
#include "exact_task.h"
#include "own_time.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"
#include "trainer/training_runner.h"

using namespace dw;
using namespace std::chrono_literals;
using messages::State;
namespace fs = std::filesystem;

/// Runs on small real disks (tmpfs) that something else fills up while they train, and frees again.
/// DWB_FULL_DISKS: how many (default 8). DWB_FULL_DISK_SEED: of the first; each has a seed of its own.
class TestFullDisk : public QObject {
  Q_OBJECT

  static constexpr std::size_t kWords = 1U << 14;  ///< checkpoints of 128 KiB
  static constexpr auto kLimit = 60s;
  static constexpr std::int64_t kStepsWhileFull = 30;
  static constexpr std::uint64_t kRoomForASave = 400'000;  ///< beside what the records and metrics.h5 still take

  QTemporaryDir home_;
  std::map<std::string, int> counts_;

  /// What a runner says.
  struct Heard {
    std::vector<std::int64_t> saved;
    std::vector<std::string> warnings, failures;
    std::int64_t step = 0, steps = 0;

    void drain(trainer::TrainingRunner& runner) {
      for (const auto& event : runner.drainEvents()) {
        if (const auto* c = std::get_if<messages::CheckpointSaved>(&event)) saved.push_back(c->step);
        if (const auto* w = std::get_if<messages::Warning>(&event)) warnings.push_back(w->sentence);
        if (const auto* f = std::get_if<messages::Failed>(&event)) failures.push_back(f->sentence);
      }
      std::array<messages::StepMetrics, 256> buffer;
      while (const auto count = runner.drainMetrics(buffer)) {
        step = buffer[count - 1].step;
        steps += static_cast<std::int64_t>(count);
      }
    }

    bool waitFor(trainer::TrainingRunner& runner, const std::function<bool()>& done) {
      for (test::OwnTime limit(kLimit); !limit.isOver(); std::this_thread::sleep_for(1ms)) {
        drain(runner);
        if (done() || runner.finished()) return done();
      }
      return false;
    }
    bool warned(const char* of) const {
      return std::any_of(warnings.begin(), warnings.end(),
                         [&](const auto& w) { return w.find(of) != std::string::npos; });
    }
  };

  static bool mountDisk(const fs::path& at, std::uint64_t bytes) {
    fs::create_directories(at);
    const auto options = "size=" + std::to_string(bytes);
    return ::mount("tmpfs", at.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }

  /// Takes all of the disk but so many bytes.
  static void fill(const fs::path& file, std::uint64_t leave) {
    std::ofstream out(file, std::ios::binary);
    const std::vector<char> page(4096, 'x');
    while (freeDiskSpace(file.parent_path()) > leave &&
           out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }

  static std::string checkGood(const fs::path& folder, std::int64_t atLeast) {
    const auto all = run_folder::CheckpointStore(folder / "checkpoints").listAll();
    if (all.empty()) return atLeast > 0 ? "no checkpoint is left" : "";
    if (all.back().step < atLeast) return "the newest good checkpoint is gone";
    for (const auto& info : all) {
      if (!info.damage.empty()) return "damaged: " + info.damage;
      try {
        run_folder::verify(info.folder);
        if (test::readState(info.folder) != test::stateAfter(info.step, kWords))
          return "step " + std::to_string(info.step) + " holds another state";
      } catch (const Error& e) {
        // Pruned while it was read: the run goes on.
        if (fs::exists(info.folder)) return e.what();
      }
    }
    return {};
  }

  static std::string checkRecords(const fs::path& folder, std::int64_t last, bool warned) {
    const auto steps = run_folder::readMetrics(folder / "metrics.bin");
    if (steps.size() != static_cast<std::size_t>(last))
      return "the metrics hold " + std::to_string(steps.size()) + " of " + std::to_string(last) + " steps";
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].step != static_cast<std::int64_t>(i) + 1) return "the metrics have a gap";
    }
    std::istringstream lines(readTextFile(folder / "log.jsonl"));
    bool told = false;
    for (std::string line; std::getline(lines, line);) {
      if (!nlohmann::json::accept(line)) return "a broken line in log.jsonl: " + line;
      told |= line.find("\"warning\"") != std::string::npos;
    }
    return warned && !told ? "the log does not tell of it" : "";
  }

  /// Empty if all went as it should. kind: how it went.
  std::string runOn(const fs::path& disk, unsigned seed, std::string& kind) {
    std::mt19937 random(seed);
    auto recipe = config::builtinRecipe("lecture");
    recipe.train.steps = 100'000'000;
    recipe.checkpoint.every = 1 + random() % 10;
    recipe.checkpoint.keep = 1;
    trainer::TrainingRunner runner(test::exactTasks({.words = kWords, .stepTime = 500us, .done = {}}));
    const auto folder = disk / "run";
    runner.start(
        trainer::FreshRun{.recipe = recipe, .data = test::smallData(home_.path().toStdString()), .folder = folder});
    Heard heard;
    const auto before = static_cast<std::int64_t>(random() % 60);
    const bool begun = heard.waitFor(runner, [&] { return heard.step >= before + 1; });
    if (runner.state() == State::Failed) {  // too small for a run at all
      kind = "refused at the start";
      heard.drain(runner);
      return heard.failures.empty() ? "it failed without a sentence" : "";
    }
    if (!begun) return "it did not begin";
    // Nothing is left, or room for records but for no checkpoint, or for some things.
    const std::array<std::uint64_t, 3> leaves{0, 20'000, random() % 300'000};
    fill(disk / "something else", leaves[random() % leaves.size()]);
    const auto full = heard.step;
    if (!heard.waitFor(runner, [&] { return heard.step >= full + kStepsWhileFull; })) {
      heard.drain(runner);
      return "training ended: " + (heard.failures.empty() ? std::string("without a word") : heard.failures[0]);
    }
    const auto saves = heard.saved.size();
    if (const auto wrong = checkGood(folder, saves > 0 ? heard.saved.back() : 0); !wrong.empty())
      return "while full: " + wrong;
    kind = heard.warned("could not be saved")
               ? (heard.warned("records") ? "saves and records refused" : "saves refused")
               : (heard.warned("records") ? "records refused" : "everything still fitted");
    fs::remove(disk / "something else");
    if (freeDiskSpace(disk) < kRoomForASave) {
      kind += ", the disk is too small for good";
      runner.send(messages::Stop{});
      if (!runner.waitFinished(kLimit)) return "it does not stop";
      heard.drain(runner);
      if (runner.state() == State::Failed && heard.failures.empty()) return "it failed without a sentence";
      return checkGood(folder, heard.saved.empty() ? 0 : heard.saved.back());
    }
    const auto freed = heard.step;
    runner.send(messages::SaveCheckpoint{});
    if (!heard.waitFor(runner, [&] { return !heard.saved.empty() && heard.saved.back() > freed; }))
      return "no save worked after space was freed";
    runner.send(messages::Stop{});
    if (!runner.waitFinished(kLimit)) return "it does not stop";
    heard.drain(runner);
    if (runner.state() != State::Finished)
      return "it failed at its end: " + (heard.failures.empty() ? std::string() : heard.failures[0]);
    if (const auto wrong = checkGood(folder, heard.step); !wrong.empty()) return wrong;
    return checkRecords(folder, heard.step, !heard.warnings.empty());
  }

 private Q_SLOTS:
  void initTestCase() {
    const auto disk = fs::path(home_.path().toStdString()) / "try";
    if (!mountDisk(disk, 1U << 20)) QSKIP("small disks can only be mounted as root");
    ::umount(disk.c_str());
  }

  void diskFillsUpAndIsFreed() {
    const int count = qEnvironmentVariableIsSet("DWB_FULL_DISKS") ? qEnvironmentVariableIntValue("DWB_FULL_DISKS") : 8;
    const auto first = qEnvironmentVariableIsSet("DWB_FULL_DISK_SEED")
                           ? static_cast<unsigned>(qEnvironmentVariableIntValue("DWB_FULL_DISK_SEED"))
                           : 1U;
    int failures = 0;
    for (int i = 0; i < count; ++i) {
      const auto seed = first + static_cast<unsigned>(i);
      const auto disk = fs::path(home_.path().toStdString()) / ("disk" + std::to_string(i));
      // One checkpoint of 128 KiB hardly fits, up to room for a long run.
      const auto bytes = (100U + std::mt19937(seed)() % 1900U) << 10;
      QVERIFY(mountDisk(disk, bytes));
      const auto gone = qScopeGuard([&] { ::umount2(disk.c_str(), MNT_DETACH); });
      std::string kind = "failed";
      const auto wrong = runOn(disk, seed, kind);
      failures += wrong.empty() ? 0 : 1;
      ++counts_[kind];
      std::printf("seed %u, %lu KiB: %s%s%s\n", seed, static_cast<unsigned long>(bytes >> 10), kind.c_str(),
                  wrong.empty() ? "" : " WRONG: ", wrong.c_str());
      std::fflush(stdout);
    }
    for (const auto& [kind, runs] : counts_) std::printf("%-30s %4d\n", kind.c_str(), runs);
    std::printf("%-30s %4d of %d\n", "failures", failures, count);
    std::fflush(stdout);
    QCOMPARE(failures, 0);
  }
};

int main(int argc, char** argv) {
  qputenv("QTEST_FUNCTION_TIMEOUT", "36000000");  // a hundred disks last longer than Qt's 5 minutes
  TestFullDisk test;
  return QTest::qExec(&test, argc, argv);
}

#include "tst_full_disk.moc"
