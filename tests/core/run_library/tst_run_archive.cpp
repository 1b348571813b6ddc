// SPDX-License-Identifier: GPL-3.0-or-later
#include <zip.h>

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <random>

#include "../../support/file_size_limit.h"
#include "base/error.h"
#include "base/file.h"
#include "run_builder.h"
#include "run_folder/run_notes.h"
#include "run_library/run_archive.h"
#include "run_library/run_catalog.h"

using namespace dw;
namespace fs = std::filesystem;

class TestRunArchive : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path folder() {
    auto path = fs::path(home_.path().toStdString()) / ("place" + std::to_string(++count_));
    fs::create_directories(path);
    return path;
  }
  static std::size_t entriesIn(const fs::path& path) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
  /// A zip file with these names and texts; mode: of the first, as Unix has it.
  static void writeZip(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& files,
                       unsigned mode = 0, int method = ZIP_CM_STORE) {
    auto* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    QVERIFY(zip != nullptr);
    for (const auto& [name, text] : files) {
      const auto index =
          zip_file_add(zip, name.c_str(), zip_source_buffer(zip, text.data(), text.size(), 0), ZIP_FL_ENC_GUESS);
      QVERIFY2(index >= 0, name.c_str());
      zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), method, 0);
      if (mode != 0 && index == 0) zip_file_set_external_attributes(zip, 0, 0, ZIP_OPSYS_UNIX, mode << 16);
    }
    QCOMPARE(zip_close(zip), 0);
  }
  static std::string goodRecipe() {
    return R"({"format":1,"created":5,"data":{"path":"demo","identity":{}},"recipe":{"format":1,"name":"quick"}})";
  }
  /// Imports and says how it was refused; nothing may be left behind.
  std::string refusal(const fs::path& zip) {
    const auto runs = folder();
    try {
      run_library::importRun(zip, runs);
    } catch (const Error& e) {
      if (!fs::is_empty(runs)) return "left something behind: " + fs::directory_iterator(runs)->path().string();
      return std::string(nameOf(e.kind())) + ": " + e.what();
    }
    return "not refused";
  }

 private Q_SLOTS:
  void goesThereAndBack() {
    const auto here = folder(), there = folder();
    const auto run = test::makeRun(here / "my run", {.steps = 500, .checkpoints = {200, 500}});
    run_folder::setNote(run, "a note");
    run_folder::CheckpointStore(run / "checkpoints").setPinned(200, true);
    fs::create_directories(run / "samples");
    std::ofstream(run / "samples" / "step-0000200.png") << "png";
    std::ofstream(run / "secret.txt") << "not of the run";
    fs::create_directories(run / "checkpoints" / "step-0000300");  // torn
    double last = 0.0;
    const auto sent = run_library::exportRun(run, here / "run.zip", [&](double done) {
      last = done;
      return true;
    });
    QVERIFY(last > 0.5);
    QCOMPARE(sent.leftOut.size(), std::size_t{2});
    const auto got = run_library::importRun(here / "run.zip", there);
    QVERIFY(got.leftOut.empty());
    QCOMPARE(got.path.string(), (there / "my run").string());
    for (const char* file : {"recipe.json", "metrics.bin", "metrics.h5", "log.jsonl", "summary.json", "notes.json",
                             "samples/step-0000200.png", "checkpoints/step-0000200/model.safetensors",
                             "checkpoints/step-0000500/state.json"}) {
      QVERIFY2(readTextFile(run / file) == readTextFile(got.path / file), file);
    }
    QVERIFY(!fs::exists(got.path / "secret.txt") && !fs::exists(got.path / ".lock"));
    const auto checkpoints = run_folder::CheckpointStore(got.path / "checkpoints").list();
    QCOMPARE(checkpoints.size(), std::size_t{2});
    QVERIFY(checkpoints[0].pinned);
    const auto summary = run_library::readRunSummary(got.path);
    QCOMPARE(nameOf(summary.state), "finished");
    QCOMPARE(summary.note, std::string("a note"));
    QCOMPARE(run_library::importRun(here / "run.zip", there).path.string(), (there / "my run-2").string());
    QCOMPARE(entriesIn(there), std::size_t{2});
  }

  void cancelLeavesNothing() {
    const auto here = folder(), there = folder();
    const auto run = test::makeRun(here / "x", {.steps = 20'000});
    QVERIFY(run_library::exportRun(run, here / "x.zip", [](double) { return false; }).cancelled);
    QCOMPARE(entriesIn(here), std::size_t{1});
    run_library::exportRun(run, here / "x.zip");
    QVERIFY(run_library::importRun(here / "x.zip", there, [](double) { return false; }).cancelled);
    QVERIFY(fs::is_empty(there));
  }

  /// Wherever the disk ends: an error, and nothing left behind.
  void fullDisk() {
    const auto here = folder(), there = folder();
    const auto run = test::makeRun(here / "x", {.steps = 300, .checkpoints = {100}});
    run_library::exportRun(run, here / "good.zip");
    const auto before = entriesIn(here);
    const auto fails = [](auto action) {
      try {
        action();
      } catch (const Error&) {
        return true;
      }
      return false;
    };
    const test::FileSizeLimit limit;
    for (const rlim_t most : {0, 100, 500, 5000, 60'000}) {
      test::FileSizeLimit::set(most);
      const bool exported = fails([&] { run_library::exportRun(run, here / "x.zip"); });
      const bool imported = fails([&] { run_library::importRun(here / "good.zip", there); });
      test::FileSizeLimit::set(RLIM_INFINITY);
      QVERIFY2(exported, qPrintable(QString::number(most)));
      QVERIFY2(imported, qPrintable(QString::number(most)));
      QCOMPARE(entriesIn(here), before);
      QVERIFY(fs::is_empty(there));
    }
  }

  void notWhileItIsTrained() {
    const auto here = folder();
    test::makeRun(here / "x", {},
                  [&] { QVERIFY_THROWS_EXCEPTION(Error, run_library::exportRun(here / "x", here / "x.zip")); });
    QVERIFY(!fs::exists(here / "x.zip"));
    QVERIFY_THROWS_EXCEPTION(Error, run_library::exportRun(here, here / "x.zip"));  // no run at all
  }

  void damagedCheckpointsAreLeftOut() {
    const auto here = folder(), there = folder();
    const auto run = test::makeRun(here / "x", {.checkpoints = {50, 100}});
    std::fstream edit(run / "checkpoints" / "step-0000100" / "model.safetensors",
                      std::ios::in | std::ios::out | std::ios::binary);
    edit.seekp(10);
    edit.put('!');
    edit.close();
    run_library::exportRun(run, here / "x.zip");  // its size is right
    const auto got = run_library::importRun(here / "x.zip", there);
    QCOMPARE(got.leftOut.size(), std::size_t{1});
    QVERIFY(got.leftOut[0].find("step-0000100") != std::string::npos);
    QCOMPARE(run_folder::CheckpointStore(got.path / "checkpoints").listAll().size(), std::size_t{1});
  }

  void aFolderZippedByHandIsWelcome() {
    const auto here = folder(), there = folder();
    writeZip(here / "hand.zip", {{"x/", ""}, {"x/recipe.json", goodRecipe()}, {"x/log.jsonl", "{}\n"}}, 0,
             ZIP_CM_DEFLATE);
    QCOMPARE(run_library::importRun(here / "hand.zip", there).path.filename().string(), std::string("x"));
    writeZip(here / "flat.zip", {{"recipe.json", goodRecipe()}});
    QCOMPARE(run_library::importRun(here / "flat.zip", there).path.filename().string(), std::string("flat"));
  }

  void hostileNames_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"x/../../evil.json",
                             "../evil.json",
                             "/etc/evil.json",
                             "x/checkpoints/../../evil.json",
                             "x/checkpoints/step-1/../../../evil.json",
                             "x/./recipe.json",
                             "x//recipe.json",
                             "x/evil.sh",
                             "x/.lock",
                             "x/checkpoints/step-0000001/run.exe",
                             "x/checkpoints/step-0000001/sub/a.json",
                             "x/checkpoints/evil/a.json",
                             "x/checkpoints/step-/a.json",
                             "x/checkpoints/step-1/.hidden.json",
                             "y/metrics.bin",
                             "metrics.bin",
                             "x/samples/..",
                             "x/samples/a\\..\\b.png",
                             "x/recipe.json ",
                             "X/recipe.json",
                             "x/samples/a\nb.png",
                             "x\\metrics.bin",
                             "C:\\evil.json"}) {
      QTest::newRow(name) << QString::fromLatin1(name);
    }
  }
  void hostileNames() {
    QFETCH(QString, name);
    const auto zip = folder() / "evil.zip";
    writeZip(zip, {{"x/recipe.json", goodRecipe()}, {name.toStdString(), "{}"}});
    const auto how = refusal(zip);
    QVERIFY2(how.starts_with("bad_data"), how.c_str());
  }

  void hostileRunNames_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"..", ".", ".trash", "a\nb"}) QTest::newRow(name) << QString::fromLatin1(name);
  }
  void hostileRunNames() {
    QFETCH(QString, name);
    const auto zip = folder() / "evil.zip";
    writeZip(zip, {{name.toStdString() + "/recipe.json", goodRecipe()}});
    const auto how = refusal(zip);
    QVERIFY2(how.starts_with("bad_data"), how.c_str());
  }

  void linksAreRefused() {
    const auto zip = folder() / "link.zip";
    writeZip(zip, {{"x/metrics.bin", "/etc/passwd"}, {"x/recipe.json", goodRecipe()}}, 0120777);
    const auto how = refusal(zip);
    QVERIFY2(how.find("link") != std::string::npos, how.c_str());
  }

  void otherContentsAreRefused() {
    const auto here = folder();
    writeZip(here / "none.zip", {{"x/metrics.bin", "x"}});
    QVERIFY(refusal(here / "none.zip").find("no recipe.json") != std::string::npos);
    writeZip(here / "two.zip", {{"x/recipe.json", goodRecipe()}, {"y/recipe.json", goodRecipe()}});
    QVERIFY(refusal(here / "two.zip").find("more than one") != std::string::npos);
    writeZip(here / "newer.zip",
             {{"x/recipe.json", goodRecipe()}, {"dwb-run.json", R"({"format":2})"}, {"x/new", "x"}});
    QVERIFY(refusal(here / "newer.zip").starts_with("bad_data"));
    writeZip(here / "newer2.zip", {{"x/recipe.json", R"({"format":2,"data":{"path":"x"},"recipe":{}})"}});
    QVERIFY(refusal(here / "newer2.zip").find("newer") != std::string::npos);
    writeZip(here / "broken.zip", {{"x/recipe.json", "{"}});
    QVERIFY(refusal(here / "broken.zip").starts_with("bad_data"));
    std::ofstream(here / "text.zip") << "this is no zip file";
    QVERIFY(refusal(here / "text.zip").starts_with("bad_data"));
    QVERIFY(refusal(here / "absent.zip") != "not refused");
    QVERIFY(refusal(here) != "not refused");
  }

  /// A directory that promises more than the disk has is refused before anything is unpacked.
  void moreThanTheDiskHas() {
    const auto here = folder();
    writeZip(here / "big.zip", {{"x/recipe.json", goodRecipe()}, {"x/metrics.bin", std::string(1000, 'x')}});
    auto bytes = readTextFile(here / "big.zip");
    // The size of the second entry stands in the central directory and the local header; 3.9 GB is not there either, so
    // the zip is inconsistent, or too large: refused both ways.
    const std::string size{'\xe8', '\x03', '\0', '\0'};
    for (auto at = bytes.find(size); at != std::string::npos; at = bytes.find(size, at + 1))
      bytes.replace(at, 4, "\xff\xff\xff\xee", 4);
    std::ofstream(here / "big.zip", std::ios::binary | std::ios::trunc) << bytes;
    QVERIFY(refusal(here / "big.zip") != "not refused");
  }

  /// Cut and flipped bytes: refused, or imported without what is damaged; never a crash, never anything left behind.
  void mutatedFiles() {
    const auto here = folder();
    run_library::exportRun(test::makeRun(here / "x", {.steps = 20, .checkpoints = {20}}), here / "x.zip");
    const auto good = readTextFile(here / "x.zip");
    std::mt19937 random(5);
    int refused = 0, imported = 0;
    for (int i = 0; i < 300; ++i) {
      auto bytes = good;
      if (i % 3 == 0)
        bytes.resize(random() % bytes.size());
      else
        for (int k = 0; k < 3; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
      std::ofstream(here / "m.zip", std::ios::binary | std::ios::trunc) << bytes;
      const auto runs = folder();
      try {
        const auto got = run_library::importRun(here / "m.zip", runs);
        QCOMPARE(entriesIn(runs), std::size_t{1});
        ++imported;
      } catch (const Error&) {
        QVERIFY(fs::is_empty(runs));
        ++refused;
      }
    }
    qInfo("%d refused, %d imported", refused, imported);
    QVERIFY(refused > 200);
  }
};

QTEST_APPLESS_MAIN(TestRunArchive)
#include "tst_run_archive.moc"
