// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "../core/trainer/heard.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "trainer/xudit/xudit_task.h"

using namespace dw;
using config::LiveField;
using test::Heard;

/// `dwb train --replay` of a run with the real model whose rate was changed three times, and once taken back, while it trained:
/// the same losses bit by bit; with one command less in the log they are others.
class TestCliReplay : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  QString original_;

  QString at(const QString& name) const { return home_.filePath(name); }

  struct Answer {
    int code = -1;
    bool equal = false;
    int steps = 0;
    QByteArray said;
  };
  Answer replay() {
    QProcess process;
    const auto folder = at(QStringLiteral("again%1").arg(++count_));
    process.start(QStringLiteral(DWB_BIN_DIR "/dwb"), {QStringLiteral("train"), QStringLiteral("--replay"), original_,
                                                       QStringLiteral("--run"), folder, QStringLiteral("--json")});
    Answer answer;
    if (!process.waitForFinished(120'000)) return answer;
    answer.code = process.exitCode();
    answer.said = process.readAllStandardError();
    for (const auto& line : process.readAllStandardOutput().split('\n')) {
      const auto object = QJsonDocument::fromJson(line).object();
      if (object[QStringLiteral("event")].toString() != QStringLiteral("replay")) continue;
      answer.equal = object[QStringLiteral("equal")].toBool();
      answer.steps = object[QStringLiteral("steps")].toInt();
    }
    return answer;
  }

  QByteArray log() const {
    QFile file(original_ + QStringLiteral("/log.jsonl"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  void setLog(const QByteArray& text) const {
    QFile file(original_ + QStringLiteral("/log.jsonl"));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(text), text.size());
  }

 private Q_SLOTS:
  /// The run, as the window would have it: commands between steps, each at a step of its own.
  void initTestCase() {
    QVERIFY(home_.isValid());
    original_ = at(QStringLiteral("original"));
    auto recipe = config::builtinRecipe("lecture");
    recipe.model.heads = 2;
    recipe.model.dimHead = 8;
    recipe.model.mlpDim = 32;
    recipe.train.batch = 4;
    recipe.train.threads = 1;
    recipe.train.steps = 40;
    recipe.optim.lrSchedule = config::LrKind::Cosine;
    recipe.ema.decay = 0.99;
    trainer::TrainingRunner runner(trainer::xudit::makeXuditTask);
    QVERIFY(runner.start(trainer::FreshRun{.recipe = recipe, .data = "demo", .folder = original_.toStdString()}));
    Heard heard;
    runner.send(messages::Pause{});
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == messages::State::Paused; }));
    const std::vector<messages::Command> commands{messages::Change{LiveField::LearningRate, 1e-3},
                                                  messages::Change{LiveField::LearningRate, 1.0 / 300.0},
                                                  messages::Change{LiveField::LearningRate, 7e-4}, messages::Undo{}};
    for (const auto& command : commands) {
      for (int k = 0; k < 3; ++k) runner.send(messages::StepOnce{});
      runner.send(command);
    }
    runner.send(messages::Resume{});
    QVERIFY(runner.waitFinished(Heard::kLimit));
    QCOMPARE(runner.state(), messages::State::Finished);
    QCOMPARE(run_folder::readMetrics(original_.toStdString() + "/metrics.bin").size(), std::size_t{40});
  }

  void theLossesAreTheSame() {
    const auto answer = replay();
    QVERIFY2(answer.code == 0, answer.said.constData());
    QVERIFY(answer.equal);
    QCOMPARE(answer.steps, 40);
  }

  void everyCommandCounts_data() {
    QTest::addColumn<int>("dropped");
    for (int number = 1; number <= 4; ++number)
      QTest::newRow(qPrintable(QStringLiteral("command %1").arg(number))) << number;
  }
  void everyCommandCounts() {
    QFETCH(int, dropped);
    const auto whole = log();
    const auto found = whole.indexOf("\"number\":" + QByteArray::number(dropped) + ',');
    QVERIFY(found > 0);
    const auto begin = whole.lastIndexOf('\n', found) + 1, end = whole.indexOf('\n', found) + 1;
    setLog(whole.left(begin) + whole.mid(end));
    const auto answer = replay();
    setLog(whole);
    QVERIFY2(answer.code == 4, answer.said.constData());
    QVERIFY(!answer.equal);
    QCOMPARE(answer.steps, 40);
  }

  void aBranchHasTheTotalThatIsAskedFor_data() {
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<int>("total");
    QTest::newRow("none") << QStringList{} << 46;
    QTest::newRow("--steps") << QStringList{QStringLiteral("--steps"), QStringLiteral("43")} << 43;
    QTest::newRow("--set") << QStringList{QStringLiteral("--set"), QStringLiteral("train.steps=43")} << 43;
  }
  /// The recipe of its parent says 43 too, but 46 was set there by hand.
  void aBranchHasTheTotalThatIsAskedFor() {
    QFETCH(QStringList, options);
    QFETCH(int, total);
    const auto parent = home_.filePath(QStringLiteral("parent%1").arg(++count_)),
               branch = home_.filePath(QStringLiteral("branch%1").arg(count_));
    const auto first = original_.toStdString() + "/checkpoints/step-0000040";
    trainer::Branch request{.recipe = run_folder::describeRunOf(first).recipe,
                            .data = {},
                            .folder = parent.toStdString(),
                            .checkpoint = first};
    request.recipe.train.steps = 43;
    trainer::TrainingRunner runner(trainer::xudit::makeXuditTask);
    QVERIFY(runner.start(request));
    Heard heard;
    runner.send(messages::Pause{});
    QVERIFY(heard.waitFor(runner, [&] { return runner.state() == messages::State::Paused; }));
    runner.send(messages::Change{LiveField::TotalSteps, 46});
    runner.send(messages::Stop{});
    QVERIFY(runner.waitFinished(Heard::kLimit));
    QProcess process;
    process.start(QStringLiteral(DWB_BIN_DIR "/dwb"),
                  QStringList{QStringLiteral("train"), QStringLiteral("--quiet"), QStringLiteral("--branch"),
                              parent + QStringLiteral("/checkpoints/step-0000040"), QStringLiteral("--run"), branch} +
                      options);
    QVERIFY(process.waitForFinished(120'000));
    QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    const auto metrics = run_folder::readMetrics(branch.toStdString() + "/metrics.bin");
    QVERIFY(!metrics.empty());
    QCOMPARE(metrics.back().step, std::int64_t{total});
  }
};

QTEST_GUILESS_MAIN(TestCliReplay)
#include "tst_cli_replay.moc"
