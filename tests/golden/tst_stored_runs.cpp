// SPDX-License-Identifier: GPL-3.0-or-later
#include "stored_runs.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include "../support/dwb_process.h"

using dw::test::Differences;
using dw::test::Result;

namespace {

constexpr double kAsRead = 1e-9;  ///< of what is read from files, not computed anew

/// {"step 1": loss, ...} of each step of --json.
QJsonObject lossesOf(const QList<QJsonObject>& lines) {
  QJsonObject losses;
  for (const auto& line : lines) {
    if (line.contains(QStringLiteral("event")) || !line.contains(QStringLiteral("loss"))) continue;
    losses[dw::test::stepKey(line[QStringLiteral("step")])] = line[QStringLiteral("loss")];
  }
  return losses;
}

QJsonObject lossesOf(const QByteArray& csv) {
  QJsonObject losses;
  const auto rows = csv.split('\n').mid(1);
  for (const auto& row : rows) {
    const auto cells = row.split(',');
    if (cells.size() > 1) losses[dw::test::stepKey(cells[0].toInt())] = cells[1].toDouble();
  }
  return losses;
}

/// The commands that changed live settings: those that are numbered.
QJsonArray commandsOf(const QList<QJsonObject>& lines) {
  QJsonArray commands;
  for (const auto& line : lines) {
    const bool applied = line[QStringLiteral("event")].toString() == QStringLiteral("command_applied");
    if (applied && line.contains(QStringLiteral("number"))) commands.append(line);
  }
  return commands;
}

QJsonObject lastEvent(const QList<QJsonObject>& lines, const QString& event) {
  QJsonObject last;
  for (const auto& line : lines) {
    if (line[QStringLiteral("event")].toString() == event) last = line;
  }
  return last;
}

}  // namespace

/// Run folders that the program of 2026-12-01 made (runs/README.md) are listed, shown, replayed and resumed as it did.
class TestStoredRuns : public QObject {
  Q_OBJECT

  const QString stored_ = QStringLiteral(DWB_SOURCE_DIR "/tests/golden/runs");
  QTemporaryDir home_;
  QJsonObject expected_;
  bool newRecipeNames_ = false, newScheduleNames_ = false;  ///< the program knows today's names

  QString runs() const { return home_.filePath(QStringLiteral("runs")); }
  QString again() const { return home_.filePath(QStringLiteral("again")); }
  QJsonObject expectedOf(const QString& run) const { return expected_[run].toObject(); }

  /// Paths below `folder` are said as those that the runs were made in.
  static Result dwb(const QStringList& arguments, const QString& folder) {
    auto result = dw::test::runDwb(arguments);
    result.out.replace(folder.toUtf8(), dw::test::kStoredRoot);
    return result;
  }
  QByteArray compare(const QString& run, const QString& field, const QJsonValue& wanted, const QJsonValue& found,
                     double tolerance) const {
    Differences differences(tolerance, newRecipeNames_, newScheduleNames_);
    differences.compare(field, wanted, found);
    return differences.none() ? QByteArray() : differences.text(run);
  }
  QByteArray compareLosses(const QString& run, const QString& of, const QJsonValue& wanted, const QJsonObject& found,
                           double tolerance) const {
    const auto losses = dw::test::lossesByStep(wanted.toArray());
    if (losses.size() == found.size()) return compare(run, QStringLiteral("loss of ") + of, losses, found, tolerance);
    return QStringLiteral("run '%1': %2 has %3 steps instead of %4")
        .arg(run, of)
        .arg(found.size())
        .arg(losses.size())
        .toUtf8();
  }
  /// How it is listed or shown: nothing may be missing.
  QByteArray compareFacts(const QString& run, QJsonObject wanted, const QJsonObject& found) const {
    if (const auto missing = found[QStringLiteral("missing")]; !missing.isUndefined()) {
      return "run '" + run.toUtf8() + "': " + missing.toString().toUtf8();
    }
    wanted.remove(QStringLiteral("bytes"));  // of recipe.json depend on where the set lies
    return compare(run, {}, wanted, found, kAsRead);
  }
  void rowOfEachRun() const {
    QTest::addColumn<QString>("run");
    const auto names = expected_.keys();
    for (const auto& name : names) QTest::newRow(qPrintable(name)) << name;
  }

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(home_.isValid());
    const auto file = QJsonDocument::fromJson(dw::test::contentOf(stored_ + QStringLiteral("/expected.json")));
    expected_ = file[QStringLiteral("runs")].toObject();
    QVERIFY2(!expected_.isEmpty(), qPrintable(stored_ + QStringLiteral("/expected.json tells of no run")));
    QVERIFY(dw::test::layStoredRuns(stored_, runs()));
    QVERIFY(dw::test::layStoredRuns(stored_, again()));
    const auto helpOf = [](const char* command) {
      return dw::test::runDwb({QString::fromLatin1(command), QStringLiteral("--help")}).out;
    };
    newRecipeNames_ = helpOf("train").contains("lecture-b32");
    newScheduleNames_ = helpOf("noise").contains("linear_t_over_T");
  }

  void eachFolderHasItsExpectation() {
    const auto folders = QDir(stored_).entryList(QDir::Dirs | QDir::NoDotAndDotDot | QDir::Hidden, QDir::Name);
    for (const auto& name : folders) {
      QVERIFY2(expected_.contains(name), qPrintable(QStringLiteral("run '%1' is not in expected.json").arg(name)));
    }
    const auto names = expected_.keys();
    for (const auto& name : names) {
      QVERIFY2(folders.contains(name), qPrintable(QStringLiteral("run '%1' of expected.json has no folder").arg(name)));
    }
  }

  void areListed() {
    const auto list = dwb({QStringLiteral("runs"), QStringLiteral("list"), QStringLiteral("--all"),
                           QStringLiteral("--json"), QStringLiteral("--folder"), runs()},
                          runs());
    QVERIFY2(list.code == 0, list.err);
    QCOMPARE(list.lines().size(), expected_.size());
    for (const auto& line : list.lines()) {
      const auto run = line[QStringLiteral("name")].toString();
      auto wanted = expectedOf(run)[QStringLiteral("show")].toObject();
      QVERIFY2(!wanted.isEmpty(), qPrintable(QStringLiteral("run '%1' is listed, but not expected").arg(run)));
      for (const char* key : {"kind", "recipe", "checkpoints"}) wanted.remove(QLatin1String(key));  // shown only
      const auto wrong = compareFacts(run, wanted, line);
      QVERIFY2(wrong.isEmpty(), wrong);
    }
  }

  void areShown_data() { rowOfEachRun(); }
  void areShown() {
    QFETCH(QString, run);
    const auto show =
        dwb({QStringLiteral("runs"), QStringLiteral("show"), runs() + QLatin1Char('/') + run, QStringLiteral("--json")},
            runs());
    QVERIFY2(show.code == 0, show.err);
    QCOMPARE(show.lines().size(), 1);
    const auto wanted = expectedOf(run)[QStringLiteral("show")].toObject();
    const auto wrong = compareFacts(run, wanted, show.lines().constFirst());
    QVERIFY2(wrong.isEmpty(), wrong);
  }

  void metricsAreRead_data() { rowOfEachRun(); }
  void metricsAreRead() {
    QFETCH(QString, run);
    const auto csv = home_.filePath(run + QStringLiteral(".csv"));
    const auto result =
        dwb({QStringLiteral("runs"), QStringLiteral("export"), runs() + QLatin1Char('/') + run, csv}, runs());
    QVERIFY2(result.code == 0, result.err);
    const auto wrong = compareLosses(run, QStringLiteral("the table"), expectedOf(run)[QStringLiteral("losses")],
                                     lossesOf(dw::test::contentOf(csv)), kAsRead);
    QVERIFY2(wrong.isEmpty(), wrong);
  }

  /// The same commands, and the same losses but for the last bits, which are the processor's.
  void areReplayed_data() { rowOfEachRun(); }
  void areReplayed() {
    QFETCH(QString, run);
    const auto wanted = expectedOf(run);
    const auto replay =
        dwb({QStringLiteral("train"), QStringLiteral("--replay"), runs() + QLatin1Char('/') + run,
             QStringLiteral("--run"), home_.filePath(QStringLiteral("replay of ") + run), QStringLiteral("--json")},
            runs());
    const auto lines = replay.lines();
    const auto verdict = lastEvent(lines, QStringLiteral("replay"));
    QVERIFY2(!verdict.isEmpty(), replay.err);
    QCOMPARE(replay.code, verdict[QStringLiteral("equal")].toBool() ? 0 : 4);
    const auto commands = wanted[QStringLiteral("replay")].toObject()[QStringLiteral("commands")];
    auto wrong = compare(run, QStringLiteral("commands"), commands, commandsOf(lines), kAsRead);
    QVERIFY2(wrong.isEmpty(), wrong);
    wrong = compareLosses(run, QStringLiteral("the replay"), wanted[QStringLiteral("losses")], lossesOf(lines),
                          wanted[QStringLiteral("tolerance")].toDouble());
    QVERIFY2(wrong.isEmpty(), wrong);
  }

  /// From its newest good checkpoint on: the rest of its steps, or some more.
  void areResumed_data() { rowOfEachRun(); }
  void areResumed() {
    QFETCH(QString, run);
    const auto wanted = expectedOf(run)[QStringLiteral("resume")].toObject();
    const auto resume = dwb(
        {QStringLiteral("train"), QStringLiteral("--resume"), again() + QLatin1Char('/') + run,
         QStringLiteral("--steps"), QString::number(wanted[QStringLiteral("total")].toInt()), QStringLiteral("--json")},
        again());
    const auto lines = resume.lines();
    const auto end = lastEvent(lines, QStringLiteral("state"))[QStringLiteral("to")];
    QVERIFY2(end == wanted[QStringLiteral("ends")], "run '" + run.toUtf8() + "': " + resume.err);
    auto wrong = compare(run, QStringLiteral("commands of the resumed"), wanted[QStringLiteral("commands")],
                         commandsOf(lines), kAsRead);
    QVERIFY2(wrong.isEmpty(), wrong);
    wrong = compareLosses(run, QStringLiteral("the resumed"), wanted[QStringLiteral("losses")], lossesOf(lines),
                          expectedOf(run)[QStringLiteral("tolerance")].toDouble());
    QVERIFY2(wrong.isEmpty(), wrong);
  }

  /// A checkpoint that was copied out of its run brings along what it needs.
  void aCheckpointAloneIsBranchedFrom() {
    const auto run = QStringLiteral("finished");
    const auto alone = home_.filePath(QStringLiteral("alone"));
    std::filesystem::copy((runs() + QStringLiteral("/finished/checkpoints/step-0000020")).toStdString(),
                          alone.toStdString(), std::filesystem::copy_options::recursive);
    const auto branch =
        dwb({QStringLiteral("train"), QStringLiteral("--branch"), alone, QStringLiteral("--data"),
             runs() + QStringLiteral("/latents.safetensors"), QStringLiteral("--steps"), QStringLiteral("24"),
             QStringLiteral("--run"), home_.filePath(QStringLiteral("branch")), QStringLiteral("--json")},
            runs());
    QVERIFY2(branch.code == 0, branch.err);
    const auto wanted = expectedOf(run)[QStringLiteral("resume")].toObject()[QStringLiteral("losses")];
    const auto wrong = compareLosses(run, QStringLiteral("a branch"), wanted, lossesOf(branch.lines()), 1e-5);
    QVERIFY2(wrong.isEmpty(), wrong);
  }

  /// A trainer on another machine has just touched its lock.
  void aRunningOneIsShownAsSuch() {
    QFile lock(runs() + QStringLiteral("/killed/.lock"));
    QVERIFY(lock.open(QIODevice::WriteOnly));
    lock.write("4711 elsewhere 00000000-0000-0000-0000-000000000000\n");
    lock.close();
    const auto show = dwb(
        {QStringLiteral("runs"), QStringLiteral("show"), runs() + QStringLiteral("/killed"), QStringLiteral("--json")},
        runs());
    QVERIFY2(show.code == 0, show.err);
    QCOMPARE(show.lines().constFirst()[QStringLiteral("state")].toString(), QStringLiteral("training"));
  }
};

QTEST_GUILESS_MAIN(TestStoredRuns)
#include "tst_stored_runs.moc"
