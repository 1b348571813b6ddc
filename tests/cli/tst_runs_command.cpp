// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "../support/dwb_process.h"
#include "run_builder.h"

using namespace dw;
namespace fs = std::filesystem;

/// `dwb runs` as a user calls it: what it prints, its exit codes, what is on disk afterwards.
class TestRunsCommand : public QObject {
  Q_OBJECT

  using Result = test::Result;

  std::unique_ptr<QTemporaryDir> home_;
  fs::path runs() const { return fs::path(home_->path().toStdString()) / "runs"; }
  QString path(const char* name) const { return home_->filePath(QLatin1String(name)); }

  Result dwb(const QString& line) const {
    const auto prepare = [this](QProcess& process) {
      auto environment = QProcessEnvironment::systemEnvironment();
      environment.insert(QStringLiteral("DWB_RUNS"), QString::fromStdString(runs().string()));
      process.setProcessEnvironment(environment);
      process.setWorkingDirectory(home_->path());
    };
    return test::runDwb(line.split(QLatin1Char(' ')), prepare, 120'000);
  }

 private Q_SLOTS:
  void init() {
    home_ = std::make_unique<QTemporaryDir>();
    fs::create_directories(runs());
  }

  void listsAndShows() {
    test::makeRun(runs() / "a", {.steps = 200, .planned = 200, .checkpoints = {100, 200}, .created = 100});
    test::makeRun(runs() / "b", {.steps = 50, .planned = 200, .end = "none", .checkpoints = {50}, .created = 200});
    const auto list = dwb(QStringLiteral("runs list --json"));
    QCOMPARE(list.code, 0);
    QCOMPARE(list.lines().size(), 2);
    QCOMPARE(list.lines()[0][QLatin1String("name")].toString(), QStringLiteral("b"));
    QCOMPARE(list.lines()[0][QLatin1String("state")].toString(), QStringLiteral("interrupted"));
    QCOMPARE(list.lines()[1][QLatin1String("steps_done")].toInt(), 200);
    QVERIFY(list.lines()[1][QLatin1String("best_loss")].toDouble() > 1.0);
    const auto text = dwb(QStringLiteral("runs list"));
    QVERIFY(text.out.contains("200 of 200") && text.out.contains("interrupted"));
    const auto show = dwb(QStringLiteral("runs show a --json"));
    QCOMPARE(show.code, 0);
    QCOMPARE(show.lines()[0][QLatin1String("checkpoints")].toArray().size(), 2);
    const auto inspect = dwb(QStringLiteral("inspect runs/a/ --json"));
    QCOMPARE(inspect.code, 0);
    QCOMPARE(inspect.lines()[0], show.lines()[0]);
    fs::remove(runs() / "a" / "metrics.bin");
    QCOMPARE(dwb(QStringLiteral("runs show a")).code, 3);
    QCOMPARE(dwb(QStringLiteral("runs list")).code, 0);
    const auto absent = dwb(QStringLiteral("runs show c"));
    QCOMPARE(absent.code, 2);
    QVERIFY(absent.err.contains("there is no run 'c'"));
  }

  void diffs() {
    test::makeRun(runs() / "a", {.lr = 0.001});
    test::makeRun(runs() / "b", {.lr = 0.004});
    const auto diff = dwb(QStringLiteral("runs diff a b --json"));
    QCOMPARE(diff.code, 0);
    QCOMPARE(diff.lines().size(), 1);
    QCOMPARE(diff.lines()[0][QLatin1String("b")].toString(), QStringLiteral("0.004"));
    QVERIFY(diff.err.contains("only optim.lr differs"));
  }

  void verifies() {
    test::makeRun(runs() / "a", {.checkpoints = {50, 100}});
    const auto good = dwb(QStringLiteral("runs verify a --json"));
    QCOMPARE(good.code, 0);
    QCOMPARE(good.lines().size(), 8);
    QFile weights(
        QString::fromStdString((runs() / "a" / "checkpoints" / "step-0000050" / "model.safetensors").string()));
    QVERIFY(weights.open(QIODevice::ReadWrite) && weights.seek(3) && weights.putChar('!'));
    weights.close();
    const auto bad = dwb(QStringLiteral("runs verify a"));
    QCOMPARE(bad.code, 3);
    QVERIFY2(bad.out.contains("BAD    a/checkpoints/step-0000050"), bad.out);
  }

  void prunes() {
    test::makeRun(runs() / "a", {.checkpoints = {20, 40, 60, 80, 100}});
    const auto pruned = dwb(QStringLiteral("runs prune a --keep 2 --json"));
    QCOMPARE(pruned.code, 0);
    QCOMPARE(pruned.lines().size(), 3);
    QVERIFY(!fs::exists(runs() / "a" / "checkpoints" / "step-0000060"));
    QVERIFY(fs::exists(runs() / "a" / "checkpoints" / "step-0000080"));
    QCOMPARE(dwb(QStringLiteral("runs prune a --keep 0")).code, 2);
  }

  void notesNamesAndTrash() {
    test::makeRun(runs() / "a");
    QCOMPARE(dwb(QStringLiteral("runs note a --text good --archive")).out, QByteArray("good\n"));
    QCOMPARE(dwb(QStringLiteral("runs list --json")).lines().size(), 0);
    QCOMPARE(dwb(QStringLiteral("runs list --json --all")).lines().size(), 1);
    QCOMPARE(dwb(QStringLiteral("runs rename a b")).code, 0);
    QCOMPARE(dwb(QStringLiteral("runs rename b ..")).code, 2);
    QCOMPARE(dwb(QStringLiteral("runs trash b")).code, 0);
    QVERIFY(!fs::exists(runs() / "b"));
    QCOMPARE(dwb(QStringLiteral("runs trash --list --json")).lines().size(), 1);
    QCOMPARE(dwb(QStringLiteral("runs trash --restore b")).code, 0);
    QVERIFY(fs::exists(runs() / "b" / "recipe.json"));
    QCOMPARE(dwb(QStringLiteral("runs trash b")).code, 0);
    QVERIFY(dwb(QStringLiteral("runs trash --empty --json")).lines()[0][QLatin1String("freed")].toInt() > 1000);
    QCOMPARE(dwb(QStringLiteral("runs trash --list --json")).lines().size(), 0);
    QCOMPARE(dwb(QStringLiteral("runs trash")).code, 2);
    QCOMPARE(dwb(QStringLiteral("runs")).code, 2);
  }

  void exportsAndImports() {
    test::makeRun(runs() / "a", {.checkpoints = {100}});
    for (const char* out : {"a.zip", "a.dwbrun", "a.csv", "board", "x.tfevents"}) {
      const auto result = dwb(QStringLiteral("runs export a %1").arg(QLatin1String(out)));
      QVERIFY2(result.code == 0, result.err);
      QVERIFY2(QFile::exists(path(out)), out);
    }
    QCOMPARE(dwb(QStringLiteral("runs export a a.xyz")).code, 2);
    QCOMPARE(dwb(QStringLiteral("runs export a a.csv --ema")).code, 2);
    const auto noStep = dwb(QStringLiteral("runs export a a.safetensors --step 50"));
    QVERIFY2(noStep.code == 2 && noStep.err.contains("of the steps 100"), noStep.err);
    // the made-up run holds no weights
    QCOMPARE(dwb(QStringLiteral("runs export a a.safetensors --dtype f32")).code, 3);
    QVERIFY(!QFile::exists(path("a.safetensors")));
    const auto imported = dwb(QStringLiteral("runs import a.dwbrun"));
    QCOMPARE(imported.out, QByteArray::fromStdString((runs() / "a-2").string()) + '\n');
    QCOMPARE(dwb(QStringLiteral("runs verify a-2")).code, 0);
    QCOMPARE(dwb(QStringLiteral("runs import a.csv")).code, 3);
    QCOMPARE(dwb(QStringLiteral("runs import absent.zip")).code, 3);
  }

  void busyRunsAreRefused() {
    test::makeRun(runs() / "a", {}, [&] {
      QCOMPARE(dwb(QStringLiteral("runs rename a b")).code, 2);
      QCOMPARE(dwb(QStringLiteral("runs prune a --keep 1")).code, 2);
      QCOMPARE(dwb(QStringLiteral("runs export a a.zip")).code, 2);
      QCOMPARE(dwb(QStringLiteral("runs export a a.csv")).code, 0);  // reading is always good
      QCOMPARE(dwb(QStringLiteral("runs list --json")).lines()[0][QLatin1String("state")].toString(),
               QStringLiteral("training"));
    });
  }
};

QTEST_APPLESS_MAIN(TestRunsCommand)
#include "tst_runs_command.moc"
