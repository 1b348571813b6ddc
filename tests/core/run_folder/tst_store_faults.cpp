// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: checkpoint_store
#include <QTemporaryDir>
#include <QTest>

#include "../../support/disk_faults.h"
#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "run_folder/checkpoint_store.h"

using namespace dw;
namespace fs = std::filesystem;

/// The store on a disk that fails, fills up or loses its power at every single call that it makes.
class TestStoreFaults : public QObject {
  Q_OBJECT

  static constexpr int kMost = 300;  ///< more calls than the whole story makes
  // In memory where there is such a place: the real syncs of a disk are not what is tested here, and take minutes.
  QTemporaryDir home_{fs::is_directory("/dev/shm") ? QStringLiteral("/dev/shm/dwb-faults-XXXXXX")
                                                   : QStringLiteral("dwb-faults-XXXXXX")};
  int count_ = 0;

  fs::path fresh() { return fs::path(home_.path().toStdString()) / std::to_string(++count_); }

  static void save(run_folder::CheckpointStore& store, std::int64_t step, const std::string& weights, double loss) {
    const auto write = [&](const fs::path& folder) {
      AppendFile file(folder / "model.safetensors", 0);
      file.append(weights.substr(0, 3));
      file.append(weights.substr(3));
      file.sync();
      writeFileAtomically(folder / "state.json", std::string_view("{}"));
    };
    store.save(step, write, {{"smoothed_loss", loss}});
  }

  /// Three checkpoints from before the trouble; the first is pinned, the second the best.
  static void prepare(run_folder::CheckpointStore& store) {
    save(store, 1, "first weights", 0.9);
    save(store, 2, "second weights", 0.1);
    save(store, 3, "third weights", 0.5);
    store.setPinned(1, true);
  }

  /// What goes on when it strikes; says how much of it was done.
  static int story(run_folder::CheckpointStore& store) {
    int done = 0;
    try {
      save(store, 4, "fourth weights", 0.4);
      done = 1;
      store.prune(1, 4);
      done = 2;
      store.setPinned(4, true);
      done = 3;
      save(store, 4, "fourth weights, again", 0.3);
      done = 4;
      store.setPinned(1, false);
      done = 5;
    } catch (const Error&) {
      return done;
    }
    return done;
  }

  /// Empty if all that was promised is there.
  static std::string check(const fs::path& folder, int done) {
    run_folder::CheckpointStore store(folder);
    store.cleanUp();
    const auto all = store.listAll();
    if (all.empty()) return "nothing is listed";
    for (const auto& info : all) {
      if (!info.damage.empty()) return info.folder.string() + ": " + info.damage;
      try {
        run_folder::verify(info.folder);
      } catch (const Error& e) {
        return e.what();
      }
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (name.starts_with(".") || name.find(".tmp-") != std::string::npos) return "left behind: " + name;
    }
    return checkSteps(all, done);
  }

  static std::string checkSteps(const std::vector<run_folder::CheckpointInfo>& all, int done) {
    const auto has = [&](std::int64_t step) {
      return std::any_of(all.begin(), all.end(), [&](const auto& i) { return i.step == step; });
    };
    if (!has(1) || !has(2)) return "the pinned or the best one is gone";
    if (done < 4 && !all[0].pinned) return "the pin is gone";
    if (done == 5 && all[0].pinned) return "the pin is back";
    if (done < 1 && !has(3)) return "the newest is gone before there was a newer one";
    if (done >= 1 && all.back().step != 4) return "the saved one is gone";
    if (done >= 3 && !all.back().pinned) return "the pin of the newest is gone";
    const auto weights =
        all.back().step == 4 ? readTextFile(all.back().folder / "model.safetensors") : "fourth weights";
    if (done >= 4 && weights != "fourth weights, again") return "the newer state of step 4 is gone";
    if (weights != "fourth weights" && weights != "fourth weights, again") return "step 4 holds " + weights;
    return {};
  }

 private Q_SLOTS:
  void failures_data() {
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("forGood");
    QTest::newRow("one call fails") << EIO << false;
    QTest::newRow("the disk is full for one call") << ENOSPC << false;
    QTest::newRow("the disk dies") << EIO << true;
    QTest::newRow("the disk is full for good") << ENOSPC << true;
  }
  void failures() {
    QFETCH(int, code);
    QFETCH(bool, forGood);
    int n = 0;
    for (bool struck = true; struck; ++n) {
      QVERIFY(n < kMost);
      const auto folder = fresh();
      run_folder::CheckpointStore store(folder);
      prepare(store);
      test::FailingDisk disk(n, code, forGood);
      int done = 0;
      {
        const test::HookInPlace hook(disk);
        done = story(store);
      }
      struck = disk.struck();
      QVERIFY(struck || done == 5);
      const auto wrong = check(folder, done);
      QVERIFY2(wrong.empty(), ("call " + std::to_string(n) + ": " + wrong).c_str());
      store.setPinned(1, true);
      QCOMPARE(story(store), 5);  // the same program goes on when the disk is well again
      const auto after = check(folder, 5);
      QVERIFY2(after.empty(), ("call " + std::to_string(n) + ", once more: " + after).c_str());
      fs::remove_all(folder);
    }
    QVERIFY(n > 40);
  }

  void fullDiskIsNamed() {
    run_folder::CheckpointStore store(fresh());
    test::FailingDisk disk(3, ENOSPC, true);
    const test::HookInPlace hook(disk);
    try {
      save(store, 1, "weights", 0.5);
      QFAIL("saved on a full disk");
    } catch (const Error& e) {
      QCOMPARE(static_cast<int>(e.kind()), static_cast<int>(ErrorKind::DiskFull));
    }
  }

  void powerCuts() {
    int n = 0;
    for (bool struck = true; struck; ++n) {
      QVERIFY(n < kMost);
      const auto root = fresh();
      const auto folder = root / "checkpoints";
      run_folder::CheckpointStore store(folder);
      prepare(store);
      test::PowerCut cut(root, n);
      int done = 0;
      {
        const test::HookInPlace hook(cut);
        done = story(store);
      }
      struck = cut.struck();
      for (const auto& luck : test::everyLuck()) {
        const auto after = fresh();
        cut.rebuild(after, luck);
        const auto wrong = check(after / "checkpoints", done);
        const auto where = "call " + std::to_string(n) + ", names " + std::to_string(luck.names) + ", data " +
                           std::to_string(luck.data) + ", seed " + std::to_string(luck.seed) + ": ";
        QVERIFY2(wrong.empty(), (where + wrong).c_str());
        fs::remove_all(after);
      }
      fs::remove_all(root);
    }
    QVERIFY(n > 40);
  }

  /// The first checkpoint of a run: what save() said is there survives, its folders' names too.
  void firstOneSurvives() {
    const auto root = fresh();
    fs::create_directories(root);
    run_folder::CheckpointStore store(root / "checkpoints");
    test::PowerCut cut(root, kMost);
    const test::HookInPlace hook(cut);
    save(store, 1, "weights", 0.5);
    const auto after = fresh();
    cut.rebuild(after, {});
    QCOMPARE(run_folder::CheckpointStore(after / "checkpoints").newestGood().value().step, std::int64_t{1});
  }

  /// The model of the disk itself: it must be able to lose things, or the tests above show nothing.
  void theModelForgets() {
    const auto root = fresh();
    fs::create_directories(root);
    test::PowerCut cut(root, kMost);
    const test::HookInPlace hook(cut);
    AppendFile file(root / "named", 0);  // syncs the folder, thus its name
    file.append(std::string("data"));
    const auto lost = fresh(), kept = fresh();
    cut.rebuild(lost, {});
    cut.rebuild(kept, {true, true, 0});
    QCOMPARE(readTextFile(lost / "named"), std::string());
    QCOMPARE(readTextFile(kept / "named"), std::string("data"));
    file.sync();
    const auto synced = fresh();
    cut.rebuild(synced, {});
    QCOMPARE(readTextFile(synced / "named"), std::string("data"));
    fs::create_directories(root / "unseen");
    onDisk(DiskAction::Rename, root / "named", root / "renamed", [&] {
      fs::rename(root / "named", root / "renamed");
      return 0;
    });
    const auto old = fresh(), renamed = fresh();
    cut.rebuild(old, {});
    cut.rebuild(renamed, {true, true, 0});
    QVERIFY(fs::exists(old / "named") && !fs::exists(old / "renamed"));
    QVERIFY(!fs::exists(renamed / "named") && fs::exists(renamed / "renamed"));
  }
};

QTEST_APPLESS_MAIN(TestStoreFaults)
#include "tst_store_faults.moc"
