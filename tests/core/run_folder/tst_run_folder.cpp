// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <fstream>

#include "base/error.h"
#include "run_folder/liveness.h"
#include "run_folder/run_folder.h"

using namespace dw;

class TestRunFolder : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path path(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }

 private Q_SLOTS:
  void describesAndReadsBack() {
    auto recipe = config::builtinRecipe("quick");
    recipe.model.tread = config::TreadSettings{.prevTrnsDepth = 1, .postTrnsDepth = 2, .dropoutRatio = 0.25};
    recipe.model.encBlocks = {1, 2};
    {
      const auto run = run_folder::RunFolder::create(path("a"));
      run->writeRecipe({.recipe = recipe, .data = "/data/x.h5", .identity = {{"size", 12}}});
    }
    const auto read = run_folder::readDescription(path("a"));
    QVERIFY(read.recipe == recipe);
    QCOMPARE(read.data, std::string("/data/x.h5"));
    QCOMPARE(read.identity["size"].get<int>(), 12);
  }

  void unusedFolderDisappears() {
    {
      const auto run = run_folder::RunFolder::create(path("b/c"));
      QVERIFY(std::filesystem::exists(path("b/c")));
    }
    QVERIFY(!std::filesystem::exists(path("b/c")));
  }

  /// Whoever made the empty folder beforehand can try again with it.
  void unusedFolderThatWasThereIsEmptyAgain() {
    std::filesystem::create_directories(path("given"));
    {
      const auto run = run_folder::RunFolder::create(path("given"));
      std::ofstream(run->metricsBin()) << "x";
      std::filesystem::create_directories(run->checkpoints());
    }
    QVERIFY(std::filesystem::exists(path("given")));
    QVERIFY(std::filesystem::is_empty(path("given")));
    const auto again = run_folder::RunFolder::create(path("given"));
  }

  /// Over a share without locks the heartbeat is all that tells: two trainers must not write one run.
  void aTrainerOnAnotherMachineIsRespected() {
    using Clock = std::filesystem::file_time_type::clock;
    const auto run = path("shared"), lock = run / run_folder::kLockFile;
    run_folder::RunFolder::create(run)->writeRecipe(
        {.recipe = config::builtinRecipe("lecture"), .data = "demo", .identity = {}});
    // Our own end is no reason to wait, wherever one goes on.
    QVERIFY(Clock::now() - std::filesystem::last_write_time(lock) > run_folder::LivenessProbe::kSilence);
    std::ofstream(lock, std::ios::trunc) << "4711 gpu-box another-boot";
    try {
      run_folder::RunFolder::open(run);
      QFAIL("it was opened");
    } catch (const Error& e) {
      QVERIFY(e.kind() == ErrorKind::Busy);
      QVERIFY2(std::string(e.what()).find("gpu-box") != std::string::npos, e.what());
    }
    std::filesystem::last_write_time(lock, Clock::now() - std::chrono::minutes(2));
    run_folder::RunFolder::open(run);
  }

  void placesThatCannotBeAreSentences() {
    std::ofstream(path("file")) << "x";
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::RunFolder::create(path("file")));
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::RunFolder::create(path("file") / "below"));
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::RunFolder::create(path("long") / std::string(5000, 'x')));
  }

  void dateOfTheFirstDescriptionStays() {
    const auto run = run_folder::RunFolder::create(path("dated"));
    run->writeRecipe({.recipe = config::builtinRecipe("lecture"), .data = "demo", .identity = {}, .created = 12345});
    run->writeRecipe(run_folder::readDescription(path("dated")));
    QCOMPARE(run_folder::readDescription(path("dated")).created, std::int64_t{12345});
  }

  void datasetNameThatIsNoTextIsRefused() {
    const auto run = run_folder::RunFolder::create(path("latin"));
    QVERIFY_THROWS_EXCEPTION(
        Error,
        run->writeRecipe({.recipe = config::builtinRecipe("lecture"), .data = "/data/\xe9.npy", .identity = {}}));
  }

  void hostileDescriptionsAreSentences_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("path is a number") << QByteArray(R"({"format":1,"data":{"path":5},"recipe":{}})");
    QTest::newRow("no path") << QByteArray(R"({"format":1,"data":{},"recipe":{}})");
    QTest::newRow("format is text") << QByteArray(R"({"format":"1","data":{"path":"x"},"recipe":{}})");
    QTest::newRow("recipe is a list") << QByteArray(R"({"format":1,"data":{"path":"x"},"recipe":[]})");
    QTest::newRow("a number") << QByteArray("5");
    QTest::newRow("empty") << QByteArray();
  }
  void hostileDescriptionsAreSentences() {
    QFETCH(QByteArray, text);
    std::filesystem::create_directories(path("hostile"));
    std::ofstream(path("hostile") / "recipe.json") << text.toStdString();
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::readDescription(path("hostile")));
  }

  void foreignFolderIsLeftAlone() {
    std::filesystem::create_directories(path("d"));
    std::ofstream(path("d") / "precious.txt") << "x";
    QVERIFY_THROWS_EXCEPTION(Error, run_folder::RunFolder::create(path("d")));
    QVERIFY(std::filesystem::exists(path("d") / "precious.txt"));
  }

  void twoHoldersAreRefused() {
    const auto run = run_folder::RunFolder::create(path("e"));
    run->writeRecipe({.recipe = config::builtinRecipe("lecture"), .data = "demo", .identity = {}});
    try {
      run_folder::RunFolder::open(path("e"));
      QFAIL("a second holder was let in");
    } catch (const Error& e) {
      QCOMPARE(e.kind(), ErrorKind::Busy);
    }
  }

  void newerFormatIsRefused() {
    std::filesystem::create_directories(path("f"));
    std::ofstream(path("f") / "recipe.json") << R"({"format":99,"data":{"path":"x"},"recipe":{}})";
    try {
      run_folder::readDescription(path("f"));
      QFAIL("a newer format was read");
    } catch (const Error& e) {
      QVERIFY(std::string(e.what()).find("newer") != std::string::npos);
    }
  }

  void namesAreFreeAndPlain() {
    const auto first = run_folder::newRunFolder(path("runs"), "quick", "/data/my latents.h5");
    QVERIFY(first.filename().string().find("quick-my-latents-1") != std::string::npos);
    std::filesystem::create_directories(first);
    QVERIFY(run_folder::newRunFolder(path("runs"), "quick", "/data/my latents.h5").filename().string().ends_with("-2"));
  }
};

QTEST_APPLESS_MAIN(TestRunFolder)
#include "tst_run_folder.moc"
