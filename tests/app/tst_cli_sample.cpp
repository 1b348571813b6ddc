// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "../support/dwb_process.h"

/// dwb sample and dwb noise end to end, on a model of a few steps.
class TestCliSample : public QObject {
  Q_OBJECT

  using Result = dw::test::Result;

  QTemporaryDir home_;

  QString path(const char* name) const { return home_.filePath(QString::fromLatin1(name)); }

  static Result dwb(const QStringList& arguments) { return dw::test::runDwb(arguments); }

  Result sample(const char* out, const QString& more = {}) const {
    return dwb(QStringList{QStringLiteral("sample"), QStringLiteral("--checkpoint"), path("run"),
                           QStringLiteral("--out"), path(out), QStringLiteral("--steps"), QStringLiteral("3"),
                           QStringLiteral("--count"), QStringLiteral("2")} +
               more.split(QLatin1Char(' '), Qt::SkipEmptyParts));
  }

  QByteArray start(const char* name) const {
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? file.read(8) : QByteArray();
  }

 private Q_SLOTS:
  void initTestCase() {
    const auto trained = dwb(
        QStringLiteral(
            "train --data demo --recipe quick --steps 3 --set model.class_cond=6 --set train.batch=4 --threads 1 --quiet --run")
            .split(QLatin1Char(' ')) +
        QStringList{path("run")});
    QVERIFY2(trained.code == 0, trained.err);
  }

  void writesPictures() {
    const auto result = sample("grid.png", QStringLiteral("--label all --guidance 2"));
    QVERIFY2(result.code == 0, result.err);
    QCOMPARE(start("grid.png"), QByteArray("\x89PNG\r\n\x1a\n", 8));
    QVERIFY(result.out.contains("12 pictures of step 3 (EMA)"));  // two of each of six classes
  }

  void writesNumbersThatOpenAgain() {
    for (const char* name : {"s.h5", "s.npz", "s.safetensors"}) {
      const auto result = sample(name, QStringLiteral("--label star --json"));
      QVERIFY2(result.code == 0, result.err);
      QCOMPARE(QJsonDocument::fromJson(result.out).object()[QStringLiteral("pictures")].toInt(), 2);
      const auto looked = dwb({QStringLiteral("inspect"), path(name), QStringLiteral("--json")});
      QVERIFY2(looked.code == 0, looked.err);
      QVERIFY2(looked.out.contains("\"star\""), looked.out);
    }
  }

  void sameSeedSamePictures() {
    QVERIFY(sample("a.npz", QStringLiteral("--seed 5 --label 1")).code == 0);
    QVERIFY(sample("b.npz", QStringLiteral("--seed 5 --label square")).code == 0);
    QVERIFY(sample("c.npz", QStringLiteral("--seed 6 --label 1")).code == 0);
    const auto whole = [this](const char* name) {
      QFile file(path(name));
      return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    QVERIFY(!whole("a.npz").isEmpty());
    QCOMPARE(whole("a.npz"), whole("b.npz"));
    QVERIFY(whole("a.npz") != whole("c.npz"));
  }

  void refusesWithASentence_data() {
    QTest::addColumn<QString>("more");
    QTest::addColumn<QString>("says");
    QTest::addColumn<int>("code");
    QTest::newRow("class") << QStringLiteral("--label 9") << QStringLiteral("there is no class 9") << 2;
    QTest::newRow("class name") << QStringLiteral("--label stra") << QStringLiteral("did you mean star?") << 2;
    QTest::newRow("sampler") << QStringLiteral("--sampler ddin") << QStringLiteral("did you mean ddi") << 2;
    QTest::newRow("steps") << QStringLiteral("--steps 5000") << QStringLiteral("5000 steps") << 2;
    QTest::newRow("guidance") << QStringLiteral("--guidance 3") << QStringLiteral("something to guide to") << 2;
    QTest::newRow("count") << QStringLiteral("--count=-3 --label 1") << QStringLiteral("number of pictures") << 2;
    QTest::newRow("counts") << QStringLiteral("--count=2000000 --label 1")
                            << QStringLiteral("more than 1000000 pictures") << 2;
    QTest::newRow("checkpoint") << QStringLiteral("--checkpoint /nowhere") << QStringLiteral("no such file") << 3;
  }
  void refusesWithASentence() {
    QFETCH(QString, more);
    QFETCH(QString, says);
    QFETCH(int, code);
    const bool elsewhere = more.startsWith(QLatin1String("--checkpoint"));
    if (elsewhere || more.startsWith(QLatin1String("--steps")) || more.startsWith(QLatin1String("--count"))) {
      QStringList arguments{QStringLiteral("sample"), QStringLiteral("--out"), path("no.png")};
      if (!elsewhere) arguments += {QStringLiteral("--checkpoint"), path("run")};
      const auto result = dwb(arguments + more.split(QLatin1Char(' ')));
      QCOMPARE(result.code, code);
      QVERIFY2(QString::fromUtf8(result.err).contains(says), result.err);
      return;
    }
    const auto result = sample("no.png", more);
    QCOMPARE(result.code, code);
    QVERIFY2(QString::fromUtf8(result.err).contains(says), result.err);
    QVERIFY(!QFile::exists(path("no.png")));
  }

  /// The checkpoint itself was named, so there is no other one to take instead.
  void refusesADamagedCheckpoint() {
    const auto copy = path("damaged");
    QCOMPARE(
        QProcess::execute(QStringLiteral("cp"), {QStringLiteral("-r"), path("run/checkpoints/step-0000003"), copy}), 0);
    const auto arguments = QStringLiteral("sample --steps 2 --count 1 --no-ema --checkpoint").split(QLatin1Char(' '));
    const auto whole = dwb(arguments + QStringList{copy, QStringLiteral("--out"), path("whole.png")});
    QVERIFY2(whole.code == 0, whole.err);
    QFile weights(copy + QStringLiteral("/model.safetensors"));
    QVERIFY(weights.open(QIODevice::ReadWrite) && weights.seek(weights.size() - 1));
    char last = 0;
    QVERIFY(weights.getChar(&last) && weights.seek(weights.size() - 1) && weights.putChar(static_cast<char>(last ^ 1)));
    weights.close();
    const auto damaged = dwb(arguments + QStringList{copy, QStringLiteral("--out"), path("damaged.png")});
    QCOMPARE(damaged.code, 3);
    QVERIFY2(damaged.err.contains("its hash differs"), damaged.err);
    QVERIFY(!QFile::exists(path("damaged.png")));
  }

  void keepsWhatIsThere() {
    QVERIFY(sample("once.png").code == 0);
    QCOMPARE(sample("once.png").code, 2);
    QVERIFY(sample("once.png", QStringLiteral("--force")).code == 0);
    QCOMPARE(sample("once.gif").code, 2);
  }

  void noiseSheet() {
    const auto base = QStringLiteral("noise --data demo --index 3 --t 0,500,999 --out").split(QLatin1Char(' '));
    const auto result = dwb(base + QStringList{path("noise.png")});
    QVERIFY2(result.code == 0, result.err);
    QCOMPARE(start("noise.png"), QByteArray("\x89PNG\r\n\x1a\n", 8));
    QVERIFY(result.out.contains("t 500: alpha-bar"));
    const auto beyond = dwb(QStringLiteral("noise --data demo --t 1000 --out").split(QLatin1Char(' ')) +
                            QStringList{path("beyond.png")});
    QCOMPARE(beyond.code, 2);
    QVERIFY2(beyond.err.contains("no timestep 1000"), beyond.err);
    QCOMPARE(dwb(QStringLiteral("noise --data demo --index 99999 --t 1 --out").split(QLatin1Char(' ')) +
                 QStringList{path("beyond.png")})
                 .code,
             2);
  }
};

QTEST_APPLESS_MAIN(TestCliSample)
#include "tst_cli_sample.moc"
