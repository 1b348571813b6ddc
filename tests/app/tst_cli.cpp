// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

#include "../support/dwb_process.h"

/// The command line end to end: the real dwb, real training, exit codes, what is on disk afterwards.
class TestCli : public QObject {
  Q_OBJECT

  using Result = dw::test::Result;

  QTemporaryDir home_;
  const QString program_ = QStringLiteral(DWB_BIN_DIR "/dwb");

  QString path(const QString& name) const { return home_.filePath(name); }

  void prepare(QProcess& process) const {
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("DWB_RUNS"), path(QStringLiteral("runs")));
    process.setProcessEnvironment(environment);
  }

  Result dwb(const QStringList& arguments) const {
    return dw::test::runDwb(arguments, [this](QProcess& process) { prepare(process); });
  }

  static QStringList train(const QString& run, int steps) {
    return {QStringLiteral("train"),     QStringLiteral("--data"), QStringLiteral("demo"),
            QStringLiteral("--recipe"),  QStringLiteral("quick"),  QStringLiteral("--steps"),
            QString::number(steps),      QStringLiteral("--run"),  run,
            QStringLiteral("--json"),    QStringLiteral("--set"),  QStringLiteral("train.batch=4"),
            QStringLiteral("--threads"), QStringLiteral("1")};
  }

 private Q_SLOTS:
  void trainsAndLeavesARunFolder() {
    const auto run = path(QStringLiteral("a"));
    const auto result = dwb(train(run, 12));
    QVERIFY2(result.code == 0, result.err);
    QCOMPARE(result.losses().size(), 12);
    for (const auto& line : result.lines()) {
      if (!line.contains(QStringLiteral("step_ms"))) continue;
      double phases = 0.0;
      for (const char* name : {"data_ms", "forward_ms", "backward_ms", "optimizer_ms", "rest_ms"}) {
        const auto phase = line[QLatin1String(name)].toDouble();
        QVERIFY2(phase >= 0.0, name);
        phases += phase;
      }
      const auto step = line[QStringLiteral("step_ms")].toDouble();
      QVERIFY(qAbs(phases - step) <= 0.05 * step);
    }
    for (const char* name : {"recipe.json", "metrics.bin", "metrics.h5", "log.jsonl",
                             "checkpoints/step-0000012/model.safetensors", "checkpoints/step-0000012/ema.safetensors",
                             "checkpoints/step-0000012/optimizer.safetensors", "checkpoints/step-0000012/state.json"}) {
      QVERIFY2(QFile::exists(run + QLatin1Char('/') + QLatin1String(name)), name);
    }
    const auto again = dwb(train(run, 12));
    QCOMPARE(again.code, 2);  // there is a run in this folder already
    QVERIFY(again.err.contains("--resume"));
  }

  /// N steps straight = k steps, then resume for N - k: the same losses to the last digit; another seed differs.
  void resumesBitExactly() {
    const auto straight = dwb(train(path(QStringLiteral("straight")), 10)).losses();
    const auto firstPart = dwb(train(path(QStringLiteral("parts")), 10) +
                               QStringList{QStringLiteral("--set"), QStringLiteral("checkpoint.every=6")});
    QVERIFY2(firstPart.code == 0, firstPart.err);
    QVERIFY(QDir(path(QStringLiteral("parts/checkpoints/step-0000010"))).removeRecursively());
    const auto rest = dwb(
        {QStringLiteral("train"), QStringLiteral("--resume"), path(QStringLiteral("parts")), QStringLiteral("--json")});
    QVERIFY2(rest.code == 0, rest.err);
    QCOMPARE(firstPart.losses(), straight);
    QCOMPARE(rest.losses(), straight.mid(6));
    const auto other =
        dwb(train(path(QStringLiteral("other")), 3) + QStringList{QStringLiteral("--seed"), QStringLiteral("1")})
            .losses();
    QVERIFY(other[0] != straight[0]);
  }

  void interruptSavesAndSaysSo_data() {
    QTest::addColumn<int>("signal");
    QTest::newRow("Ctrl-C") << SIGINT;
    QTest::newRow("the terminal is closed") << SIGHUP;
  }
  void interruptSavesAndSaysSo() {
    QFETCH(int, signal);
    const auto run = path(QStringLiteral("stopped%1").arg(signal));
    QProcess process;
    prepare(process);
    process.start(program_, train(run, 1'000'000));
    QByteArray seen;
    while (!seen.contains("\"step\":3,") && process.waitForReadyRead(60'000)) seen += process.readAllStandardOutput();
    ::kill(static_cast<pid_t>(process.processId()), signal);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 130);
    const auto facts = dwb({QStringLiteral("inspect"), run, QStringLiteral("--json")});
    QCOMPARE(facts.code, 0);
    const auto object = facts.lines().value(0);
    QCOMPARE(object[QStringLiteral("checkpoints")].toArray().size(), 1);
    QVERIFY(object[QStringLiteral("steps_done")].toInt() >= 3);
  }

  void refusals_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("names");
    const auto row = [](const char* name, const QString& line, int code, const char* word) {
      QTest::newRow(name) << line.split(QLatin1Char(' ')) << code << QByteArray(word);
    };
    row("no data", QStringLiteral("train"), 2, "--data");
    row("unknown option", QStringLiteral("train --dataa demo"), 2, "dataa");
    row("unknown recipe", QStringLiteral("train --data demo --recipe quik"), 2, "quick");
    row("unknown field", QStringLiteral("train --data demo --set optim.lrr=1"), 2, "optim.lr");
    row("steps 0", QStringLiteral("train --data demo --set train.steps=0"), 2, "steps");
    row("steps 0, short", QStringLiteral("train --data demo --steps 0"), 2, "steps");
    row("resume with what it would ignore", QStringLiteral("train --resume /usr --threads 2"), 2, "--threads");
    row("resume for 0 steps", QStringLiteral("train --resume /usr --steps 0"), 2, "--steps");
    row("batch above dataset", QStringLiteral("train --data demo --set train.batch=4000"), 2, "2048");
    row("heads", QStringLiteral("train --data demo --set model.dim_head=7"), 2, "model.dim_head");
    row("patch", QStringLiteral("train --data demo --set model.patch_size=5"), 2, "model.patch_size");
    row("absent file", QStringLiteral("train --data /absent.h5"), 3, "/absent.h5");
    row("a folder", QStringLiteral("inspect /usr"), 3, "/usr");
    row("resume nothing", QStringLiteral("train --resume /usr"), 3, "recipe.json");
  }
  void refusals() {
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QByteArray, names);
    const auto result = dwb(arguments);
    QVERIFY2(result.code == code, result.err + QByteArray::number(result.code));
    QVERIFY2(result.err.contains(names) || result.out.contains(names), result.err);
    QVERIFY(!QFile::exists(path(QStringLiteral("runs"))));  // nothing half-written
  }

  void inspectsTheDemo() {
    const auto result = dwb({QStringLiteral("inspect"), QStringLiteral("demo"), QStringLiteral("--json")});
    QVERIFY2(result.code == 0, result.err);
    const auto object = result.lines().value(0);
    QCOMPARE(object[QStringLiteral("samples")].toInt(), 2048);
    QCOMPARE(object[QStringLiteral("classes")].toInt(), 6);
  }

  void doctorSpeaks() {
    const auto result = dwb({QStringLiteral("doctor"), QStringLiteral("--json")});
    QCOMPARE(result.code, 0);
    QVERIFY(result.lines().value(0).contains(QStringLiteral("libtorch")));
  }

  void predictsACase() {
    const QString golden = QStringLiteral(DWB_SOURCE_DIR "/tests/golden/xudit/seed_small_mlp.json");
    const auto out = path(QStringLiteral("y.safetensors"));
    const auto result = dwb({QStringLiteral("predict"), QStringLiteral("--case"), golden, QStringLiteral("--out"), out,
                             QStringLiteral("--dtype"), QStringLiteral("f64")});
    QVERIFY2(result.code == 0, result.err);
    const auto facts = dwb({QStringLiteral("inspect"), out});
    QVERIFY(facts.code == 0 || facts.out.contains("F64"));
  }

  /// A disk of its own that fills up while a run saves: a sentence, exit code 4, and what was good before stays good.
  void fullDisk() {
    const auto disk = path(QStringLiteral("disk"));
    QDir().mkpath(disk);
    if (QProcess::execute(QStringLiteral("mount"), {QStringLiteral("-t"), QStringLiteral("tmpfs"), QStringLiteral("-o"),
                                                    QStringLiteral("size=3m"), QStringLiteral("tmpfs"), disk}) != 0) {
      QSKIP("no right to mount a small disk here");
    }
    auto arguments = train(disk + QStringLiteral("/run"), 60);
    arguments += {QStringLiteral("--set"), QStringLiteral("checkpoint.every=1"), QStringLiteral("--set"),
                  QStringLiteral("checkpoint.keep=50"),
                  // it would measure at each of the saves
                  QStringLiteral("--set"), QStringLiteral("validation.every=0")};
    const auto result = dwb(arguments);
    const auto facts = dwb({QStringLiteral("inspect"), disk + QStringLiteral("/run"), QStringLiteral("--json")});
    QProcess::execute(QStringLiteral("umount"), {disk});
    QVERIFY2(result.code == 4, result.err);
    QVERIFY2(result.err.contains("disk is full"), result.err);
    QCOMPARE(facts.code, 0);
  }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
