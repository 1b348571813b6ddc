// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <ctime>
#include <fstream>

#include "base/error.h"
#include "run_folder/checkpoint_store.h"

using namespace dw;
namespace fs = std::filesystem;

class TestCheckpointStore : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  int count_ = 0;
  run_folder::CheckpointStore fresh() {
    return run_folder::CheckpointStore(fs::path(folder_.path().toStdString()) / std::to_string(++count_) /
                                       "checkpoints");
  }
  static void put(const fs::path& folder, const std::string& weights) {
    std::ofstream(folder / "model.safetensors") << weights;
    std::ofstream(folder / "state.json") << R"({"seed":3})";
  }
  static void save(run_folder::CheckpointStore& store, std::int64_t step, const std::string& weights = "weights") {
    store.save(step, [&](const fs::path& folder) { put(folder, weights); });
  }
  static void saveWithLoss(run_folder::CheckpointStore& store, std::int64_t step, double loss) {
    store.save(step, [&](const fs::path& folder) { put(folder, "weights"); }, {{"smoothed_loss", loss}});
  }
  static std::vector<std::int64_t> stepsOf(const std::vector<run_folder::CheckpointInfo>& all) {
    std::vector<std::int64_t> steps;
    for (const auto& info : all) steps.push_back(info.step);
    return steps;
  }
  static std::ptrdiff_t entriesIn(const fs::path& folder) {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
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
    QCOMPARE(run_folder::readState(all[0].folder)["seed"].get<int>(), 3);
    run_folder::verify(all[1].folder);
  }

  void validationDecidesWhichIsBest() {
    auto store = fresh();
    saveWithLoss(store, 1, 0.1);
    store.save(2, [&](const fs::path& folder) { put(folder, "weights"); },
               {{"smoothed_loss", 0.3}, {"validation_loss", 0.20}});
    store.save(3, [&](const fs::path& folder) { put(folder, "weights"); },
               {{"smoothed_loss", 0.2}, {"validation_loss", 0.25}});
    const auto all = store.list();
    QVERIFY(!all[0].best && all[1].best && !all[2].best);
    QCOMPARE(*all[1].validation, 0.20);
    QVERIFY(!all[0].validation);
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
    run_folder::verify(store.list()[0].folder);
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

  void keepsTheBestAndThePinned() {
    auto store = fresh();
    const std::vector<double> losses{0.9, 0.2, 0.5, 0.4, 0.3, 0.35};
    for (int step = 1; step <= 6; ++step) saveWithLoss(store, step, losses[static_cast<std::size_t>(step - 1)]);
    store.setPinned(3, true);
    QVERIFY(store.list()[1].best && store.list()[2].pinned);
    QVERIFY(!store.list()[4].best && !store.list()[1].pinned);
    store.prune(2, 6);
    QCOMPARE(stepsOf(store.list()), (std::vector<std::int64_t>{2, 3, 5, 6}));
    for (const auto& info : store.list()) run_folder::verify(info.folder);  // a pin does not break the hashes
    store.setPinned(3, false);
    saveWithLoss(store, 7, 0.1);  // a new best lets the old one go
    store.prune(2, 7);
    QCOMPARE(stepsOf(store.list()), (std::vector<std::int64_t>{6, 7}));
    QVERIFY_THROWS_EXCEPTION(Error, store.setPinned(3, true));
  }

  void tellsWhatItKnows() {
    auto store = fresh();
    saveWithLoss(store, 5, 0.25);
    std::ofstream(store.list()[0].folder / "preview.png") << "picture";
    const auto info = store.list().at(0);
    QCOMPARE(info.loss.value(), 0.25);
    QVERIFY(info.preview && info.best);
    QVERIFY(std::abs(static_cast<double>(info.savedAt - std::time(nullptr))) < 1000);
    save(store, 6);
    QVERIFY(!store.list()[1].loss && !store.list()[1].best && !store.list()[1].preview);
  }

  /// Neither damaged contents nor a torn folder count as one of the newest; the last good one is never deleted.
  void damagedNewestDoesNotCount() {
    auto store = fresh();
    for (const int step : {1, 2, 3, 4}) save(store, step);
    std::ofstream(store.list()[3].folder / "model.safetensors") << "wEights";
    fs::remove(store.list()[2].folder / "state.json");
    run_folder::CheckpointStore(store.folder()).prune(1, 4);  // another process: it knows nothing of what was saved
    QCOMPARE(store.newestGood().value().step, std::int64_t{2});
    QCOMPARE(stepsOf(store.listAll()), (std::vector<std::int64_t>{2, 3, 4}));
    std::ofstream(store.list()[0].folder / "model.safetensors") << "wEights";
    run_folder::CheckpointStore(store.folder()).prune(1, 4);
    QCOMPARE(stepsOf(store.listAll()), (std::vector<std::int64_t>{2, 3, 4}));  // none is good: none goes
  }

  /// The best by its loss is damaged inside: the best good one stays instead.
  void damagedBestIsPassedOver() {
    auto store = fresh();
    const std::vector<double> losses{0.1, 0.2, 0.5, 0.4};
    for (int step = 1; step <= 4; ++step) saveWithLoss(store, step, losses[static_cast<std::size_t>(step - 1)]);
    std::ofstream(store.list()[0].folder / "model.safetensors") << "wEights";
    run_folder::CheckpointStore(store.folder()).prune(1, 4);
    QCOMPARE(stepsOf(store.listAll()), (std::vector<std::int64_t>{2, 4}));
  }

  void saysWhatIsDamaged_data() {
    QTest::addColumn<QString>("harm");
    QTest::addColumn<QString>("words");
    QTest::newRow("no state") << QStringLiteral("state") << QStringLiteral("state.json is missing");
    QTest::newRow("no weights") << QStringLiteral("weights") << QStringLiteral("model.safetensors is missing");
    QTest::newRow("torn weights") << QStringLiteral("torn") << QStringLiteral("has 3 bytes instead of 7");
    QTest::newRow("torn state") << QStringLiteral("json") << QStringLiteral("state.json");
    QTest::newRow("later format") << QStringLiteral("format") << QStringLiteral("newer");
    QTest::newRow("the folder above") << QStringLiteral("parent") << QStringLiteral("outside the checkpoint");
    QTest::newRow("no hash") << QStringLiteral("hash") << QStringLiteral("does not say what");
  }
  void saysWhatIsDamaged() {
    QFETCH(QString, harm);
    QFETCH(QString, words);
    auto store = fresh();
    save(store, 1);
    save(store, 2);
    const auto folder = store.list()[1].folder;
    const auto state = folder / "state.json";
    if (harm == QStringLiteral("state")) fs::remove(state);
    if (harm == QStringLiteral("weights")) fs::remove(folder / "model.safetensors");
    if (harm == QStringLiteral("torn")) fs::resize_file(folder / "model.safetensors", 3);
    if (harm == QStringLiteral("json")) fs::resize_file(state, fs::file_size(state) / 2);
    if (harm == QStringLiteral("format")) std::ofstream(state) << R"({"format":2,"step":2,"files":{}})";
    if (harm == QStringLiteral("parent"))
      std::ofstream(state) << R"({"format":1,"step":2,"files":{"..":{"bytes":1,"sha256":""}}})";
    if (harm == QStringLiteral("hash"))
      std::ofstream(state) << R"({"format":1,"step":2,"files":{"model.safetensors":{"bytes":7}}})";
    const auto all = store.listAll();
    QCOMPARE(all.size(), std::size_t{2});
    QVERIFY2(QString::fromStdString(all[1].damage).contains(words), all[1].damage.c_str());
    QVERIFY(all[0].damage.empty());
    QCOMPARE(stepsOf(store.list()), (std::vector<std::int64_t>{1}));
    QCOMPARE(store.newestGood().value().step, std::int64_t{1});
  }

  void sameStepIsReplacedAndStaysPinned() {
    auto store = fresh();
    save(store, 4, "older");
    store.setPinned(4, true);
    save(store, 4, "newer!");
    QCOMPARE(fs::file_size(store.list().at(0).folder / "model.safetensors"), std::uintmax_t{6});
    QVERIFY(store.list()[0].pinned);
    QCOMPARE(entriesIn(store.folder()), std::ptrdiff_t{1});
  }

  /// What killed processes leave: half-written, half-deleted, half-replaced checkpoints, temporary files.
  void cleansUpAfterTheDead() {
    auto store = fresh();
    save(store, 1);
    save(store, 2, "other");
    fs::create_directories(store.folder() / ".writing-step-0000003" / "deep");
    std::ofstream(store.folder() / ".writing-step-0000003" / "model.safetensors") << "half";
    fs::create_directories(store.folder() / ".deleting-step-0000000");
    std::ofstream(store.folder() / "step-0000001" / "pinned.tmp-123") << "";
    fs::copy(store.folder() / "step-0000001", store.folder() / ".replaced-step-0000001", fs::copy_options::recursive);
    // killed between two renames
    fs::rename(store.folder() / "step-0000002", store.folder() / ".replaced-step-0000002");
    store.cleanUp();
    QCOMPARE(stepsOf(store.list()), (std::vector<std::int64_t>{1, 2}));
    QCOMPARE(entriesIn(store.folder()), std::ptrdiff_t{2});
    QCOMPARE(entriesIn(store.list()[0].folder), std::ptrdiff_t{2});
    QCOMPARE(store.newestGood().value().step, std::int64_t{2});
    run_folder::CheckpointStore(store.folder() / "absent").cleanUp();
  }

  void hostileStateIsRefused() {
    auto store = fresh();
    const auto bad = store.folder() / "step-0000009";
    fs::create_directories(bad);
    std::ofstream(bad / "state.json") << R"({"format":1,"files":{"../../secret":{"bytes":1,"sha256":"0"}}})";
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::verify(bad));
    std::ofstream(bad / "state.json") << R"({"format":1,"files":[1,2]})";
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::readState(bad));
    std::ofstream(bad / "state.json") << R"({"format":7,"files":{}})";
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::readState(bad));
    QVERIFY(store.list().empty());
    std::ofstream(bad / "state.json") << R"({"format":"1","files":{}})";
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::readState(bad));
  }

  /// Only the newest is hostile, each time in another way: the older good one is taken.
  void hostileNewestIsPassedOver_data() {
    QTest::addColumn<QByteArray>("state");
    QTest::newRow("hash is a number") << QByteArray(
        R"({"format":1,"step":9,"files":{"state.json":{"bytes":66,"sha256":5}}})");
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
