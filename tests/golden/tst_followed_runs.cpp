// SPDX-License-Identifier: GPL-3.0-or-later
#include "stored_runs.h"

#include <QTemporaryDir>
#include <QTest>
#include <map>

#include "run_library/run_follower.h"

using dw::test::Differences;

namespace {

/// "3 learning_rate applied 1e-04 -> 0.001": what expect.py makes of an answer to a command; empty for other lines.
QString answerOf(const dw::run_folder::LogLine& line) {
  if (!line.event) return {};
  const auto sentence = [](std::int64_t step, const std::string& name, const char* outcome, const std::string& text) {
    return QStringLiteral("%1 %2 %3 %4")
        .arg(QString::number(step), QString::fromStdString(name), QLatin1String(outcome), QString::fromStdString(text))
        .trimmed();
  };
  if (const auto* yes = std::get_if<dw::messages::CommandApplied>(&*line.event))
    return sentence(yes->step, yes->name, "applied", yes->detail);
  if (const auto* no = std::get_if<dw::messages::CommandRefused>(&*line.event))
    return sentence(no->step, no->name, "refused", no->sentence);
  return {};
}

}  // namespace

/// The stored runs (runs/README.md) as the window follows them: state, steps that count, every answer to a command.
class TestFollowedRuns : public QObject {
  Q_OBJECT

  const QString stored_ = QStringLiteral(DWB_SOURCE_DIR "/tests/golden/runs");
  QTemporaryDir home_;
  QJsonObject expected_;

  QString runs() const { return home_.filePath(QStringLiteral("runs")); }

 private Q_SLOTS:
  void initTestCase() {
    const auto file = QJsonDocument::fromJson(dw::test::contentOf(stored_ + QStringLiteral("/expected.json")));
    expected_ = file[QStringLiteral("runs")].toObject();
    QVERIFY2(!expected_.isEmpty(), qPrintable(stored_ + QStringLiteral("/expected.json tells of no run")));
    QVERIFY(dw::test::layStoredRuns(stored_, runs()));
  }

  void areFollowed_data() {
    QTest::addColumn<QString>("run");
    const auto names = expected_.keys();
    for (const auto& name : names) QTest::newRow(qPrintable(name)) << name;
  }
  void areFollowed() {
    QFETCH(QString, run);
    std::map<std::int64_t, double> counting;
    QJsonArray answers;
    dw::run_library::RunFollower follower((runs() + QLatin1Char('/') + run).toStdString());
    for (bool more = true; more;) {
      const auto update = follower.poll();
      if (update.rewindTo) counting.erase(counting.lower_bound(*update.rewindTo), counting.end());
      for (const auto& step : update.steps) counting[step.step] = step.loss;
      for (const auto& line : update.log) {
        if (const auto answer = answerOf(line); !answer.isEmpty()) answers.append(answer);
      }
      more = update.more;
    }
    QVERIFY2(follower.trouble().empty(), follower.trouble().c_str());
    QJsonObject losses;
    for (const auto& [step, loss] : counting) losses[dw::test::stepKey(static_cast<int>(step))] = loss;
    const auto wanted = expected_[run].toObject();
    const auto wantedLosses = dw::test::lossesByStep(wanted[QStringLiteral("losses")].toArray());
    QCOMPARE(losses.size(), wantedLosses.size());
    constexpr double kAsRead = 1e-9;
    Differences differences(kAsRead, false, false);
    differences.compare(QStringLiteral("state"), wanted[QStringLiteral("show")].toObject()[QStringLiteral("state")],
                        QString::fromLatin1(nameOf(follower.state())));
    differences.compare(QStringLiteral("loss of"), wantedLosses, losses);
    differences.compare(QStringLiteral("command"), wanted[QStringLiteral("log")], answers);
    QVERIFY2(differences.none(), differences.text(run));
  }
};

QTEST_GUILESS_MAIN(TestFollowedRuns)
#include "tst_followed_runs.moc"
