// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "../support/dwb_process.h"

/// Where a run may begin from, end to end through the real dwb: a checkpoint of another run, a weight file, its own
/// checkpoint with a dataset that was moved.
class TestCliOrigins : public QObject {
  Q_OBJECT

  using Result = dw::test::Result;

  QTemporaryDir home_;
  QString at(const QString& name) const { return home_.filePath(name); }

  static Result dwb(const QStringList& arguments) { return dw::test::runDwb(arguments); }
  /// A very small model.
  Result train(const QString& run, const QStringList& origin, int steps, const QStringList& settings = {}) const {
    QStringList arguments{QStringLiteral("train"),  QStringLiteral("--run"),   at(run),
                          QStringLiteral("--json"), QStringLiteral("--steps"), QString::number(steps)};
    arguments += origin;
    for (const auto& one : settings) arguments << QStringLiteral("--set") << one;
    return dwb(arguments);
  }
  const QStringList demo_{QStringLiteral("--data"), QStringLiteral("demo"), QStringLiteral("--threads"),
                          QStringLiteral("1")};
  const QStringList small_{QStringLiteral("train.batch=4"),      QStringLiteral("model.dim=16"),
                           QStringLiteral("model.heads=2"),      QStringLiteral("model.mlp_dim=32"),
                           QStringLiteral("checkpoint.every=3"), QStringLiteral("optim.warmup=0")};
  Result parent_;

  QJsonObject origin(const QString& run) const {
    QFile file(at(run) + QStringLiteral("/recipe.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll())[QStringLiteral("origin")].toObject()
                                          : QJsonObject();
  }

 private Q_SLOTS:
  void initTestCase() {
    parent_ = train(QStringLiteral("parent"), demo_, 6, small_);
    QVERIFY2(parent_.code == 0, parent_.err);
    QCOMPARE(parent_.losses().size(), 6);
  }

  void aBranchGoesOnLikeItsParent() {
    const QStringList from{QStringLiteral("--branch"), at(QStringLiteral("parent/checkpoints/step-0000003"))};
    const auto same = train(QStringLiteral("same"), from, 6);
    QVERIFY2(same.code == 0, same.err);
    QCOMPARE(same.losses(), parent_.losses().mid(3));
    QCOMPARE(origin(QStringLiteral("same"))[QStringLiteral("step")].toInt(), 3);
    QCOMPARE(origin(QStringLiteral("same"))[QStringLiteral("run")].toString(), at(QStringLiteral("parent")));
    for (const char* file : {"model", "ema", "optimizer"}) {
      const auto name = QStringLiteral("/checkpoints/step-0000006/%1.safetensors").arg(QLatin1String(file));
      QFile a(at(QStringLiteral("same")) + name), b(at(QStringLiteral("parent")) + name);
      QVERIFY(a.open(QIODevice::ReadOnly) && b.open(QIODevice::ReadOnly));
      QVERIFY2(a.readAll() == b.readAll(), file);
    }
    const auto faster = train(QStringLiteral("faster"), from, 6, {QStringLiteral("optim.lr=0.02")});
    QVERIFY2(faster.code == 0, faster.err);
    QCOMPARE(faster.losses()[0], parent_.losses()[3]);  // the same batch and noise, before the first update
    QVERIFY(faster.losses()[1] != parent_.losses()[4]);
    QVERIFY(QFile::exists(at(QStringLiteral("faster/checkpoints/step-0000006"))));
  }

  /// A checkpoint carries along all that a branch needs, and its weights load as they are or exported.
  void aCheckpointStandsAlone() {
    const auto alone = at(QStringLiteral("alone"));
    QVERIFY(QProcess::execute(QStringLiteral("cp"),
                              {QStringLiteral("-r"), at(QStringLiteral("parent/checkpoints/step-0000003")), alone}) ==
            0);
    const auto same = train(QStringLiteral("from-alone"), {QStringLiteral("--branch"), alone}, 6);
    QVERIFY2(same.code == 0, same.err);
    QCOMPARE(same.losses(), parent_.losses().mid(3));
    const auto exported = at(QStringLiteral("ema.safetensors"));
    const auto done = dwb({QStringLiteral("runs"), QStringLiteral("export"), at(QStringLiteral("parent")), exported,
                           QStringLiteral("--ema"), QStringLiteral("--step"), QStringLiteral("3"),
                           QStringLiteral("--prefix"), QStringLiteral("model.")});
    QVERIFY2(done.code == 0, done.err);
    QList<double> first;
    for (const auto& weights : {exported, alone + QStringLiteral("/ema.safetensors")}) {
      const auto begun =
          train(QStringLiteral("begun-%1").arg(first.size()), demo_ + QStringList{QStringLiteral("--weights"), weights},
                1, {QStringLiteral("train.batch=4")});
      QVERIFY2(begun.code == 0, begun.err);
      first += begun.losses();
    }
    QCOMPARE(first[0], first[1]);
  }

  void aBranchKeepsItsModel() {
    const QStringList from{QStringLiteral("--branch"), at(QStringLiteral("parent/checkpoints/step-0000003"))};
    const auto other = train(QStringLiteral("other"), from, 6, {QStringLiteral("model.mlp_dim=64")});
    QCOMPARE(other.code, 2);
    QVERIFY2(other.err.contains("model.*"), other.err);
    QVERIFY(!QFile::exists(at(QStringLiteral("other"))));
    QFile damaged(at(QStringLiteral("parent/checkpoints/step-0000006/model.safetensors")));
    QVERIFY(damaged.open(QIODevice::ReadWrite));
    damaged.seek(damaged.size() - 1);
    damaged.write("x");
    damaged.close();
    QCOMPARE(train(QStringLiteral("damaged"),
                   {QStringLiteral("--branch"), at(QStringLiteral("parent/checkpoints/step-0000006"))}, 9)
                 .code,
             3);
  }

  /// An origin that would be left out without a word is refused.
  void aTryHasOneOrigin_data() {
    QTest::addColumn<QStringList>("options");
    const QString checkpoint = at(QStringLiteral("parent/checkpoints/step-0000003"));
    QTest::newRow("from, but no try") << QStringList{QStringLiteral("--from"), checkpoint};
    QTest::newRow("resume") << QStringList{QStringLiteral("--dry-run"), QStringLiteral("--resume"),
                                           at(QStringLiteral("parent"))};
    QTest::newRow("replay") << QStringList{QStringLiteral("--dry-run"), QStringLiteral("--replay"),
                                           at(QStringLiteral("parent"))};
    QTest::newRow("branch") << QStringList{QStringLiteral("--what-if"), QStringLiteral("0.001"),
                                           QStringLiteral("--branch"), checkpoint};
    QTest::newRow("weights") << QStringList{QStringLiteral("--range-test"), QStringLiteral("0.0001,0.01"),
                                            QStringLiteral("--weights"),
                                            checkpoint + QStringLiteral("/model.safetensors")};
  }
  void aTryHasOneOrigin() {
    QFETCH(QStringList, options);
    const auto refused = dwb(QStringList{QStringLiteral("train"), QStringLiteral("--data"), QStringLiteral("demo"),
                                         QStringLiteral("--run"), at(QStringLiteral("none"))} +
                             options);
    QCOMPARE(refused.code, 2);
    QVERIFY2(refused.err.contains("--from") || refused.err.contains("excludes"), refused.err);
    QVERIFY(!QFile::exists(at(QStringLiteral("none"))));
  }

  void weightsOfAFileTellTheModel() {
    const QStringList from{QStringLiteral("--weights"),
                           at(QStringLiteral("parent/checkpoints/step-0000003/model.safetensors"))};
    const auto begun = train(QStringLiteral("begun"), demo_ + from, 2, {QStringLiteral("train.batch=4")});
    QVERIFY2(begun.code == 0, begun.err);
    QVERIFY(origin(QStringLiteral("begun"))[QStringLiteral("weights")].toString().endsWith(
        QStringLiteral("model.safetensors")));
    QVERIFY(begun.losses()[0] != parent_.losses()[0]);  // the same batch and noise, but weights that have learnt
    const auto wrong = train(QStringLiteral("wrong"), demo_ + from, 2, {QStringLiteral("model.mlp_dim=64")});
    QCOMPARE(wrong.code, 3);
    QVERIFY2(wrong.err.contains("mlp.w12.weight"), wrong.err);
  }

  void anUnknownDeviceIsRefused() {
    const auto refused = dwb({QStringLiteral("train"), QStringLiteral("--resume"), at(QStringLiteral("parent")),
                              QStringLiteral("--device"), QStringLiteral("gpu")});
    QCOMPARE(refused.code, 2);
    QVERIFY2(refused.err.contains("did you mean cpu"), refused.err);
  }

  void aDatasetThatMovedIsFoundAgain() {
    const auto data = at(QStringLiteral("d.safetensors"));
    QCOMPARE(dwb({QStringLiteral("convert"), QStringLiteral("demo"), data}).code, 0);
    const QStringList own{QStringLiteral("--data"), data, QStringLiteral("--threads"), QStringLiteral("1")};
    QCOMPARE(train(QStringLiteral("moved"), own, 3, small_).code, 0);
    const auto elsewhere = at(QStringLiteral("elsewhere.safetensors"));
    QVERIFY(QFile::rename(data, elsewhere));
    const QStringList resume{QStringLiteral("train"),   QStringLiteral("--resume"), at(QStringLiteral("moved")),
                             QStringLiteral("--steps"), QStringLiteral("5"),        QStringLiteral("--json")};
    QCOMPARE(dwb(resume).code, 3);
    const auto other = dwb(resume + QStringList{QStringLiteral("--data"), QStringLiteral("demo")});
    QVERIFY2(other.code == 3 && other.err.contains("not the dataset"), other.err);
    const auto found = dwb(resume + QStringList{QStringLiteral("--data"), elsewhere});
    QVERIFY2(found.code == 0, found.err);
    QCOMPARE(found.losses().size(), 2);
    QCOMPARE(dwb({QStringLiteral("train"), QStringLiteral("--resume"), at(QStringLiteral("moved")),
                  QStringLiteral("--steps"), QStringLiteral("6")})
                 .code,
             0);
  }
};

QTEST_GUILESS_MAIN(TestCliOrigins)
#include "tst_cli_origins.moc"
