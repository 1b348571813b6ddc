// SPDX-License-Identifier: GPL-3.0-or-later
// The real thing: the window, the real trainer, the demo data. Every step is a click.
#include <QAbstractButton>
#include <QElapsedTimer>
#include <QSettings>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "main_window/main_window.h"
#include "plots/loss_plot.h"
#include "run_folder/metrics_file.h"
#include "session/dataset/dataset_session.h"
#include "session/training/training_session.h"
#include "theme/theme.h"
#include "trainer/xudit/xudit_task.h"
#include "workbench/workbench.h"

using namespace dw;

class TestFirstLight : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-first-light"));
    QSettings().clear();
    qputenv("DWB_RUNS", folder_.filePath(QStringLiteral("runs")).toLocal8Bit());
    qputenv("XDG_CACHE_HOME", folder_.filePath(QStringLiteral("cache")).toLocal8Bit());
  }

  void openTrainPauseResumeStop() {
    theme::Theme theme(theme::Mode::Dark);
    ui::Workbench workbench({.task = trainer::xudit::makeXuditTask});
    const auto& session = *workbench.training();
    ui::MainWindow window(&workbench, &theme);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    const auto click = [&window](const char* name) {
      auto* button = window.findChild<QAbstractButton*>(QLatin1String(name));
      QVERIFY2(button && button->isEnabled(), name);
      QTest::mouseClick(button, Qt::LeftButton);
    };

    click("startDemo");
    QTRY_VERIFY_WITH_TIMEOUT(workbench.dataset()->isOpen(), 30'000);
    QElapsedTimer sinceTrain;
    sinceTrain.start();
    click("primaryButton");
    auto* plot = window.findChild<ui::LossPlot*>();
    QVERIFY(plot);
    QTRY_VERIFY_WITH_TIMEOUT(plot->pointCount() >= 30, 120'000);
    qInfo("30 points on the plot %.1f s after Train", static_cast<double>(sinceTrain.elapsed()) / 1000.0);

    click("primaryButton");  // Pause
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), messages::State::Paused, 20'000);
    workbench.training()->drain();
    const auto paused = session.last().step;
    QTest::qWait(300);
    QCOMPARE(session.last().step, paused);
    compareWithFile(session, *plot);

    click("primaryButton");  // Resume
    QTRY_VERIFY_WITH_TIMEOUT(session.last().step >= paused + 10, 60'000);
    click("stopButton");
    QTRY_COMPARE_WITH_TIMEOUT(session.state(), messages::State::Finished, 60'000);
    compareWithFile(session, *plot);
    QVERIFY(std::filesystem::exists(session.run()->folder / "metrics.h5"));
    QVERIFY(!std::filesystem::is_empty(session.run()->folder / "checkpoints"));
    QVERIFY(window.close());
  }

 private:
  /// Every step of metrics.bin stands on the plot with the same loss, and none besides.
  static void compareWithFile(const ui::TrainingSession& session, const ui::LossPlot& plot) {
    const auto file = run_folder::readMetrics(session.run()->folder / "metrics.bin");
    QTRY_COMPARE_WITH_TIMEOUT(plot.pointCount(), file.size(), 5000);
    for (const auto& record : file) {
      const auto shown = plot.lossNear(static_cast<double>(record.step));
      QVERIFY(shown.has_value());
      QCOMPARE(*shown, record.loss);
    }
  }
};

QTEST_MAIN(TestFirstLight)
#include "tst_first_light.moc"
