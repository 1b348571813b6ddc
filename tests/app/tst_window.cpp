// SPDX-License-Identifier: GPL-3.0-or-later
// End to end: the real program in a process of its own, under Xvfb where there is one.
#include <QDir>
#include <QImage>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <memory>

#include "run_folder/checkpoint_store.h"
#include "run_folder/metrics_file.h"

using namespace dw;

class TestWindow : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  /// The program and its arguments, behind xvfb-run if it is installed.
  std::unique_ptr<QProcess> start(const QStringList& arguments) {
    auto process = std::make_unique<QProcess>();
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("HOME"), folder_.path());
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), folder_.filePath(QStringLiteral("config")));
    environment.insert(QStringLiteral("XDG_CACHE_HOME"), folder_.filePath(QStringLiteral("cache")));
    environment.insert(QStringLiteral("DWB_RUNS"), folder_.filePath(QStringLiteral("runs")));
    const QString program = QStringLiteral(DWB_BIN_DIR "/diffusion-workbench");
    const QString xvfb = QStandardPaths::findExecutable(QStringLiteral("xvfb-run"));
    process->setProcessChannelMode(QProcess::ForwardedChannels);
    if (xvfb.isEmpty()) {
      environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
      process->setProcessEnvironment(environment);
      process->start(program, arguments);
    } else {
      environment.remove(QStringLiteral("QT_QPA_PLATFORM"));
      process->setProcessEnvironment(environment);
      process->start(xvfb, QStringList{QStringLiteral("-a"), QStringLiteral("-s"),
                                       QStringLiteral("-screen 0 1280x720x24"), program} +
                               arguments);
    }
    return process;
  }

  QStringList runs() const {
    QStringList folders;
    const QDir root(folder_.filePath(QStringLiteral("runs")));
    for (const auto& name : root.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) folders << root.filePath(name);
    return folders;
  }

 private Q_SLOTS:
  void opensTheDemoTrainsAndEndsWithACheckpoint() {
    const QString picture = folder_.filePath(QStringLiteral("window.png"));
    auto process = start({QStringLiteral("demo"), QStringLiteral("--train"), QStringLiteral("--style-theme"),
                          QStringLiteral("dark"), QStringLiteral("--screenshot"), picture,
                          QStringLiteral("--screenshot-after"), QStringLiteral("25000")});
    QVERIFY(process->waitForFinished(150'000));
    QCOMPARE(process->exitCode(), 0);
    const QImage window(picture);
    QVERIFY(window.width() >= 1000 && window.height() >= 600);
    QCOMPARE(runs().size(), 1);
    const std::filesystem::path run = runs().front().toStdString();
    const auto metrics = run_folder::readMetrics(run / "metrics.bin");
    QVERIFY2(metrics.size() > 10, qPrintable(QString::number(metrics.size())));
    const auto newest = run_folder::CheckpointStore(run / "checkpoints").newestGood();
    QVERIFY(newest.has_value());
    QCOMPARE(newest->step, metrics.back().step);
    QVERIFY(std::filesystem::exists(run / "metrics.h5"));
  }

  void aFileThatIsNotThereIsNoCrash() {
    const QString picture = folder_.filePath(QStringLiteral("missing.png"));
    auto process = start({QStringLiteral("/no/such/file.h5"), QStringLiteral("--screenshot"), picture,
                          QStringLiteral("--screenshot-after"), QStringLiteral("1500")});
    QVERIFY(process->waitForFinished(60'000));
    QCOMPARE(process->exitCode(), 0);
    QVERIFY(!QImage(picture).isNull());
  }
};

QTEST_GUILESS_MAIN(TestWindow)
#include "tst_window.moc"
