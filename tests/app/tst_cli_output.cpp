// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "../support/dwb_process.h"

using namespace dw;

/// Where what dwb prints cannot go: a pipe that nobody reads any more, a full disk.
class TestCliOutput : public QObject {
  Q_OBJECT

  QTemporaryDir home_;

  QString path(const char* name) const { return home_.filePath(QString::fromLatin1(name)); }

  /// A line for bash in which $DWB is the program and $RUN a run folder; $TRAIN trains a small model.
  int shell(const QString& line) {
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("DWB"), test::dwbProgram());
    environment.insert(QStringLiteral("RUN"), path("run"));
    environment.insert(
        QStringLiteral("TRAIN"),
        test::dwbProgram() +
            QStringLiteral(" train --data demo --recipe lecture --threads 1 --set model.mlp_dim=16 --run ") +
            path("run"));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral("bash"), {QStringLiteral("-c"), line});
    if (!process.waitForFinished(120'000) || process.exitStatus() != QProcess::NormalExit) return -1;
    return process.exitCode();
  }

 private Q_SLOTS:
  void init() {
    QVERIFY(home_.isValid());
    QDir(path("run")).removeRecursively();
  }

  /// dwb train | head: the report goes quiet, the run goes on to its end.
  void trainsOnWhenNobodyReads() {
    QCOMPARE(shell(QStringLiteral("$TRAIN --json --steps 30 | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}")), 0);
    QVERIFY(QFile::exists(path("run/checkpoints/step-0000030/state.json")));
  }

  /// Ctrl-C ends the tee beside it too; the checkpoint that README promises is there all the same.
  void savesWhenInterruptedWithoutAReader() {
    const auto line = QStringLiteral(
        "$TRAIN --json --steps 100000000 --set checkpoint.every=10 > >(head -n 1 >/dev/null) & pid=$!;"
        "until compgen -G \"$RUN/checkpoints/step-*\" >/dev/null; do kill -0 $pid || exit 1; sleep 0.05; done;"
        "kill -INT $pid; wait $pid");
    QCOMPARE(shell(line), 130);
  }

  void aFullDiskIsAnError() {
    if (!QFile::exists(QStringLiteral("/dev/full"))) QSKIP("there is no /dev/full");
    QCOMPARE(shell(QStringLiteral("$DWB inspect demo --json > /dev/full")), 3);
    QCOMPARE(shell(QStringLiteral("$TRAIN --json --steps 3 > /dev/full")), 4);
    QVERIFY(QFile::exists(path("run/checkpoints/step-0000003/state.json")));  // the run itself came to its end
  }
};

QTEST_GUILESS_MAIN(TestCliOutput)
#include "tst_cli_output.moc"
