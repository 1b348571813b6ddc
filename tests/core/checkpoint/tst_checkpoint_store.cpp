// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "base/error.h"
#include "checkpoint/checkpoint_store.h"

using namespace dw;
namespace fs = std::filesystem;

class TestCheckpointStore : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  int count_ = 0;
  checkpoint::CheckpointStore fresh() {
    return checkpoint::CheckpointStore(fs::path(folder_.path().toStdString()) / std::to_string(++count_) / "checkpoints");
  }
  static void put(const fs::path& folder, const std::string& weights) {
    std::ofstream(folder / "model.safetensors") << weights;
    std::ofstream(folder / "state.json") << R"({"seed":3})";
  }
  static void save(checkpoint::CheckpointStore& store, std::int64_t step, const std::string& weights = "weights") {
    store.save(step, [&](const fs::path& folder) { put(folder, weights); });
  }

 private Q_SLOTS:
  void savesListsAndVerifies() {
    auto store = fresh();
    QVERIFY(store.list().empty());
    save(store, 500);
    save(store, 12'000'000);
    const auto all = store.list();
    QCOMPARE(all.size(), std::size_t{2});
    QCOMPARE(all[0].folder.filename().string(), std::string("step-0000500"));
    QCOMPARE(all[1].step, std::int64_t{12'000'000});
    QCOMPARE(checkpoint::readState(all[0].folder)["seed"].get<int>(), 3);
    checkpoint::verify(all[1].folder);
  }

  void damageIsFoundAndTheOlderOneTaken() {
    auto store = fresh();
    save(store, 1);
    save(store, 2);
    std::ofstream(store.list()[1].folder / "model.safetensors") << "wEights";  // same size, other contents
    QCOMPARE(store.list().size(), std::size_t{2});
    QCOMPARE(store.newestGood()->step, std::int64_t{1});
    fs::resize_file(store.list()[1].folder / "model.safetensors", 3);  // torn: not even listed
    QCOMPARE(store.list().size(), std::size_t{1});
  }

  void failedSaveChangesNothing() {
    auto store = fresh();
    save(store, 1, "good");
    QVERIFY_THROWS_EXCEPTION(Error, store.save(1, [](const fs::path& folder) {
      put(folder, "half");
      throw Error(ErrorKind::DiskFull, "full");
    }));
    QVERIFY_THROWS_EXCEPTION(Error, store.save(2, [](const fs::path& folder) {
      std::ofstream(folder / "model.safetensors") << "x";  // and no state.json
    }));
    QCOMPARE(store.list().size(), std::size_t{1});
    checkpoint::verify(store.list()[0].folder);
    QCOMPARE(std::distance(fs::directory_iterator(store.folder()), fs::directory_iterator()), std::ptrdiff_t{1});
  }

  void prunesTheOldest() {
    auto store = fresh();
    for (int step = 1; step <= 5; ++step) save(store, step);
    store.prune(2, 5);
    const auto all = store.list();
    QCOMPARE(all.size(), std::size_t{2});
    QCOMPARE(all[0].step, std::int64_t{4});
    store.prune(0, 5);
    QCOMPARE(store.list().size(), std::size_t{1});
  }

  /// Went back from a damaged step 9 to 5 and saved 7: that one stays, the damaged one goes, though its number is higher.
  void prunesTheDamagedFutureFirst() {
    auto store = fresh();
    for (const int step : {5, 9}) save(store, step);
    std::ofstream(store.list()[1].folder / "model.safetensors") << "wEights";
    save(store, 7);
    store.prune(1, 7);
    QCOMPARE(store.newestGood().value().step, std::int64_t{7});
    QCOMPARE(store.list().size(), std::size_t{1});
  }

  void hostileStateIsRefused() {
    auto store = fresh();
    const auto bad = store.folder() / "step-0000009";
    fs::create_directories(bad);
    std::ofstream(bad / "state.json") << R"({"format":1,"files":{"../../secret":{"bytes":1,"sha256":"0"}}})";
    QVERIFY_THROWS_EXCEPTION(Error, checkpoint::verify(bad));
    std::ofstream(bad / "state.json") << R"({"format":1,"files":[1,2]})";
    QVERIFY_THROWS_EXCEPTION(Error, checkpoint::readState(bad));
    std::ofstream(bad / "state.json") << R"({"format":7,"files":{}})";
    QVERIFY_THROWS_EXCEPTION(Error, checkpoint::readState(bad));
    QVERIFY(store.list().empty());
    std::ofstream(bad / "state.json") << R"({"format":"1","files":{}})";
    QVERIFY_THROWS_EXCEPTION(Error, checkpoint::readState(bad));
  }

  /// Only the newest is hostile, each time in another way: the older good one is taken.
  void hostileNewestIsPassedOver_data() {
    QTest::addColumn<QByteArray>("state");
    QTest::newRow("hash is a number") << QByteArray(R"({"format":1,"step":9,"files":{"state.json":{"bytes":66,"sha256":5}}})");
    QTest::newRow("step of another") << QByteArray(R"({"format":1,"step":1,"files":{}})");
    QTest::newRow("step is text") << QByteArray(R"({"format":1,"step":"9","files":{}})");
    QTest::newRow("no step") << QByteArray(R"({"format":1,"files":{}})");
    QTest::newRow("facts are a list") << QByteArray(R"({"format":1,"step":9,"files":{"x":[]}})");
  }
  void hostileNewestIsPassedOver() {
    QFETCH(QByteArray, state);
    auto store = fresh();
    save(store, 1);
    const auto bad = store.folder() / "step-0000009";
    fs::create_directories(bad);
    std::ofstream(bad / "state.json") << state.toStdString();
    QCOMPARE(store.newestGood().value().step, std::int64_t{1});
  }
};

QTEST_APPLESS_MAIN(TestCheckpointStore)
#include "tst_checkpoint_store.moc"
