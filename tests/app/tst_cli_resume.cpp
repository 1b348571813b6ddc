// SPDX-License-Identifier: GPL-3.0-or-later
#include <signal.h>

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

/// N steps straight = some steps, kill -9, resume for the rest: the same losses to the last digit, the same weights,
/// average and moments to the last byte; for every optimizer, with and without all that a run may carry along.
class TestCliResume : public QObject {
  Q_OBJECT

  static constexpr int kSteps = 40;  ///< enough that the kill comes before the end
  static constexpr int kFrom = 6;    ///< the checkpoint that is resumed from

  QTemporaryDir home_;
  QString at(const QString& name) const { return home_.filePath(name); }

  static void collect(const QByteArray& out, QMap<int, double>& losses) {
    for (const auto& line : out.split('\n')) {
      const auto object = QJsonDocument::fromJson(line).object();
      if (object.contains(QStringLiteral("loss")))
        losses.insert(object[QStringLiteral("step")].toInt(), object[QStringLiteral("loss")].toDouble());
    }
  }
  static QMap<int, double> finish(const QStringList& arguments) {
    QProcess process;
    process.start(QStringLiteral(DWB_BIN_DIR "/dwb"), arguments);
    QMap<int, double> losses;
    if (process.waitForFinished(240'000) && process.exitCode() == 0)
      collect(process.readAllStandardOutput(), losses);
    else
      qWarning("%s", process.readAllStandardError().constData());
    return losses;
  }
  QStringList train(const QString& run, const QStringList& settings, int seed = 5) const {
    QStringList all{QStringLiteral("train"),
                    QStringLiteral("--data"),
                    QStringLiteral("demo"),
                    QStringLiteral("--run"),
                    at(run),
                    QStringLiteral("--json"),
                    QStringLiteral("--threads"),
                    QStringLiteral("1"),
                    QStringLiteral("--steps"),
                    QString::number(kSteps),
                    QStringLiteral("--seed"),
                    QString::number(seed)};
    const QStringList small{QStringLiteral("train.batch=4"),      QStringLiteral("model.dim=16"),
                            QStringLiteral("model.heads=2"),      QStringLiteral("model.mlp_dim=32"),
                            QStringLiteral("checkpoint.every=6"), QStringLiteral("checkpoint.keep=50"),
                            QStringLiteral("optim.warmup=10"),    QStringLiteral("model.patch_size=4")};
    for (const auto& one : small + settings) all << QStringLiteral("--set") << one;
    return all;
  }
  /// Kills it at a step after kFrom; then only what was saved up to there counts.
  void killAfterTheCheckpoint(const QString& run, const QStringList& settings, QMap<int, double>& losses) const {
    QProcess process;
    process.start(QStringLiteral(DWB_BIN_DIR "/dwb"), train(run, settings));
    QByteArray seen;
    const QByteArray mark = QByteArrayLiteral("\"step\":") + QByteArray::number(kFrom + 3) + ',';
    while (!seen.contains(mark) && process.waitForReadyRead(60'000)) seen += process.readAllStandardOutput();
    ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
    process.waitForFinished(60'000);
    collect(seen, losses);
    const QDir checkpoints(at(run + QStringLiteral("/checkpoints")));
    for (const auto& name : checkpoints.entryList({QStringLiteral("step-*")}, QDir::Dirs)) {
      if (name != QStringLiteral("step-%1").arg(kFrom, 7, 10, QLatin1Char('0')))
        QVERIFY(QDir(checkpoints.filePath(name)).removeRecursively());
    }
  }
  QByteArray hashOf(const QString& run, const QString& file) const {
    QFile bytes(at(run) +
                QStringLiteral("/checkpoints/step-%1/%2.safetensors").arg(kSteps, 7, 10, QLatin1Char('0')).arg(file));
    QCryptographicHash hash(QCryptographicHash::Sha256);
    if (!bytes.open(QIODevice::ReadOnly) || !hash.addData(&bytes)) return "absent";
    return hash.result().toHex();
  }

 private Q_SLOTS:
  void everyKindOfRun_data() {
    QTest::addColumn<QString>("settings");
    const auto row = [](const char* name, const char* settings) {
      QTest::newRow(name) << QString::fromLatin1(settings);
    };
    row("sgd", "optim.kind=sgd ema.decay=0");
    row("adam, EMA", "optim.kind=adam ema.decay=0.99");
    row("adamw, EMA, decay of weights, clipped",
        "optim.kind=adamw optim.weight_decay=0.1 optim.clip_norm=0.5 ema.decay=0.99");
    row("adam, TREAD", "optim.kind=adam ema.decay=0 model.tread.dropout_ratio=0.5");
    row("adam, accumulation", "optim.kind=adam ema.decay=0 train.accumulation=3");
    row("all at once",
        "optim.kind=adamw ema.decay=0.99 model.tread.dropout_ratio=0.5 train.accumulation=2 model.class_cond=6 "
        "data.order=epoch data.flip=true");
  }
  void everyKindOfRun() {
    QFETCH(QString, settings);
    const auto name = QString::fromLatin1(QTest::currentDataTag())
                          .remove(QLatin1Char(','))
                          .replace(QLatin1Char(' '), QLatin1Char('-'));
    const auto set = settings.split(QLatin1Char(' '));
    const auto straight = finish(train(name, set));
    QCOMPARE(straight.size(), kSteps);
    QMap<int, double> parts;
    killAfterTheCheckpoint(name + QStringLiteral("-killed"), set, parts);
    QVERIFY(parts.size() >= kFrom);
    const auto rest = finish({QStringLiteral("train"), QStringLiteral("--resume"), at(name + QStringLiteral("-killed")),
                              QStringLiteral("--json")});
    QCOMPARE(rest.firstKey(), kFrom + 1);
    parts.insert(rest);
    QCOMPARE(parts, straight);
    const bool average =
        !settings.contains(QStringLiteral("ema.decay=0 ")) && !settings.endsWith(QStringLiteral("ema.decay=0"));
    QStringList files{QStringLiteral("model"), QStringLiteral("optimizer")};
    if (average) files << QStringLiteral("ema");
    const auto other = finish(train(name + QStringLiteral("-seed"), set, 6));
    QVERIFY(other.first() != straight.first());
    for (const auto& file : files) {
      const auto hash = hashOf(name, file);
      qInfo("%-9s %s", qPrintable(file), hash.constData());
      QCOMPARE(hashOf(name + QStringLiteral("-killed"), file), hash);
      QVERIFY(hash.size() == 64 && hashOf(name + QStringLiteral("-seed"), file) != hash);
    }
  }
};

QTEST_GUILESS_MAIN(TestCliResume)
#include "tst_cli_resume.moc"
