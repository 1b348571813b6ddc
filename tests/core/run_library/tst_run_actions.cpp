// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "run_builder.h"
#include "run_folder/run_notes.h"
#include "run_library/recipe_difference.h"
#include "run_library/run_actions.h"
#include "run_library/run_catalog.h"
#include "run_library/trash.h"

using namespace dw;
namespace fs = std::filesystem;

class TestRunActions : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path folder() {
    auto path = fs::path(home_.path().toStdString()) / ("runs" + std::to_string(++count_));
    fs::create_directories(path);
    return path;
  }
  template <typename Action>
  static std::string kindOf(Action action) {
    try {
      action();
    } catch (const Error& e) {
      return nameOf(e.kind());
    }
    return "no error";
  }

 private Q_SLOTS:
  void renames() {
    const auto runs = folder();
    test::makeRun(runs / "old");
    const auto path = run_library::renameRun(runs / "old", "größer & better");
    QVERIFY(!fs::exists(runs / "old"));
    QCOMPARE(nameOf(run_library::readRunSummary(path).state), "finished");
  }

  void namesThatCannotBe_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("up") << QByteArray("..");
    QTest::newRow("path") << QByteArray("a/b");
    QTest::newRow("absolute") << QByteArray("/tmp/x");
    QTest::newRow("hidden") << QByteArray(".trash");
    QTest::newRow("line break") << QByteArray("a\nb");
    QTest::newRow("not UTF-8") << QByteArray("a\xff");
    QTest::newRow("long") << QByteArray(300, 'x');
    QTest::newRow("taken") << QByteArray("other");
    QTest::newRow("space at the end") << QByteArray("a ");
  }
  void namesThatCannotBe() {
    QFETCH(QByteArray, name);
    const auto runs = folder();
    test::makeRun(runs / "x");
    fs::create_directories(runs / "other");
    QVERIFY(hasErrors(run_library::checkRunName(runs, name.toStdString())));
    QCOMPARE(kindOf([&] { run_library::renameRun(runs / "x", name.toStdString()); }), std::string("usage"));
    QVERIFY(fs::exists(runs / "x" / "recipe.json"));
  }

  void notWhileItIsTrained() {
    const auto runs = folder();
    test::makeRun(runs / "x", {}, [&] {
      QCOMPARE(kindOf([&] { run_library::renameRun(runs / "x", "y"); }), std::string("busy"));
      QCOMPARE(kindOf([&] { run_library::moveToTrash(runs / "x"); }), std::string("busy"));
      run_folder::setNote(runs / "x", "may be written all the same");
    });
    QCOMPARE(run_folder::readNotes(runs / "x").note, std::string("may be written all the same"));
    // Nor on another machine, as far as its heartbeat tells.
    std::ofstream(runs / "x" / run_folder::kLockFile, std::ios::trunc)
        << "4711 gpu-box 00000000-0000-0000-0000-000000000000\n";
    QCOMPARE(kindOf([&] { run_library::moveToTrash(runs / "x"); }), std::string("busy"));
  }

  void notesAndArchive() {
    const auto runs = folder();
    const auto run = test::makeRun(runs / "x");
    QCOMPARE(run_folder::readNotes(run).note, std::string());
    run_folder::setNote(run, "lr too high \xed\x95\x9c\xea\xb5\xad\n");
    run_folder::setArchived(run, true);
    const auto summary = run_library::readRunSummary(run);
    QCOMPARE(summary.note, std::string("lr too high \xed\x95\x9c\xea\xb5\xad\n"));
    QVERIFY(summary.archived);
    QCOMPARE(kindOf([&] { run_folder::setNote(run, "\xff\xfe"); }), std::string("usage"));
    QCOMPARE(run_folder::readNotes(run).note, summary.note);
    std::ofstream(run / "notes.json", std::ios::trunc) << "{";
    QCOMPARE(kindOf([&] { run_folder::readNotes(run); }), std::string("bad_data"));
    run_folder::setNote(run, "anew");
    QCOMPARE(run_folder::readNotes(run).note, std::string("anew"));
    std::ofstream(run / "notes.json", std::ios::trunc) << R"({"format":2,"note":["rich text"]})";
    QCOMPARE(kindOf([&] { run_folder::setNote(run, "x"); }), std::string("bad_data"));  // a newer program's stays
    QCOMPARE(readTextFile(run / "notes.json"), std::string(R"({"format":2,"note":["rich text"]})"));
  }

  /// Every file below it, in folders of folders too; what a link leads to is not the run's.
  void bytesOfAFolder() {
    const auto runs = folder();
    fs::create_directories(runs / "x" / "a" / "b");
    std::ofstream(runs / "precious.txt") << std::string(1000, 'p');
    std::ofstream(runs / "x" / "one") << std::string(10, '1');
    std::ofstream(runs / "x" / "a" / ".two") << std::string(200, '2');
    std::ofstream(runs / "x" / "a" / "b" / "three") << std::string(3000, '3');
    fs::create_symlink(runs / "precious.txt", runs / "x" / "link");
    fs::create_directory_symlink(runs, runs / "x" / "a" / "folder");
    QCOMPARE(bytesOfFiles(runs / "x"), std::uint64_t{3210});
    QCOMPARE(bytesOfFiles(runs / "nowhere"), std::uint64_t{0});
  }

  void trashAndBack() {
    const auto runs = folder();
    test::makeRun(runs / "x", {.checkpoints = {100}});
    const auto bytes = bytesOfFiles(runs / "x");
    const auto first = run_library::moveToTrash(runs / "x");
    QCOMPARE(first.bytes, bytes);
    QVERIFY(run_library::RunCatalog(runs).list().empty());
    test::makeRun(runs / "x");
    const auto second = run_library::moveToTrash(runs / "x");
    QVERIFY(first.folder != second.folder);
    QCOMPARE(run_library::listTrash(runs).size(), std::size_t{2});
    QCOMPARE(run_library::listTrash(runs)[1].name, std::string("x"));
    test::makeRun(runs / "x");
    const auto back = run_library::restoreFromTrash(first.folder);
    QCOMPARE(back.filename().string(), std::string("x-2"));  // the name is taken by now
    QCOMPARE(bytesOfFiles(back), bytes);
    QCOMPARE(nameOf(run_library::readRunSummary(back).state), "finished");
    int asked = 0;
    QCOMPARE(run_library::deleteForGood(run_library::listTrash(runs), [&](double) { return ++asked < 2; }) > 0, true);
    // cancelled half way: still there, to be emptied again
    QCOMPARE(run_library::listTrash(runs).size(), std::size_t{1});
    run_library::deleteForGood(run_library::listTrash(runs));
    QVERIFY(run_library::listTrash(runs).empty());
    QVERIFY(fs::exists(runs / "x" / "recipe.json"));
  }

  void onlyTheTrashIsDeleted() {
    const auto runs = folder();
    test::makeRun(runs / "x");
    QCOMPARE(kindOf([&] { run_library::deleteForGood({{.folder = runs / "x", .name = "x"}}); }), std::string("usage"));
    QCOMPARE(kindOf([&] { run_library::deleteForGood({{.folder = runs / ".trash", .name = "x"}}); }),
             std::string("usage"));
    // A link in a run is deleted, what it points to is not.
    std::ofstream(runs / "precious.txt") << "x";
    fs::create_directories(runs / "elsewhere");
    std::ofstream(runs / "elsewhere" / "precious.txt") << "x";
    fs::create_symlink(runs / "precious.txt", runs / "x" / "link");
    fs::create_directory_symlink(runs / "elsewhere", runs / "x" / "folder");
    run_library::moveToTrash(runs / "x");
    run_library::deleteForGood(run_library::listTrash(runs));
    QVERIFY(fs::exists(runs / "precious.txt") && fs::exists(runs / "elsewhere" / "precious.txt"));
    QVERIFY(run_library::listTrash(runs).empty());
  }

  void differences() {
    auto a = config::builtinRecipe("quick"), b = a;
    QCOMPARE(run_library::sentenceOf(run_library::differenceOf(a, b)), std::string("the recipes are the same"));
    b.optim.lr = 0.25;
    b.name = "another name";
    const auto one = run_library::differenceOf(a, b);
    QCOMPARE(one.size(), std::size_t{1});
    QCOMPARE(one[0].key, std::string("optim.lr"));
    QCOMPARE(one[0].b, std::string("0.25"));
    QVERIFY(run_library::sentenceOf(one).starts_with("only optim.lr differs"));
    b.model.dim = 4;
    QCOMPARE(run_library::sentenceOf(run_library::differenceOf(a, b)), std::string("optim.lr and model.dim differ"));
    b = config::builtinRecipe("hdm-small");
    const auto many = run_library::differenceOf(a, b);
    QVERIFY(many.size() > 6);
    QVERIFY(run_library::sentenceOf(many).starts_with(std::to_string(many.size()) + " settings differ: "));
  }
};

QTEST_APPLESS_MAIN(TestRunActions)
#include "tst_run_actions.moc"
