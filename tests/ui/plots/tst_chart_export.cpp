// SPDX-License-Identifier: GPL-3.0-or-later
#include <QImage>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include "base/error.h"
#include "plots/chart_export.h"
#include "plots/loss_plot.h"
#include "plots/qcp.h"
#include "plots/timestep_plot.h"
#include "session/training/timestep_history.h"

using namespace dw;
using namespace dw::ui;

class TestChartExport : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  static QByteArray contentOf(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
  }

  static QList<messages::StepMetrics> steps(int count) {
    QList<messages::StepMetrics> all;
    for (int s = 1; s <= count; ++s) {
      messages::StepMetrics m;
      m.step = s;
      m.loss = 1.0 / s;
      m.lr = 1e-3;
      m.samplesSeen = 32 * s;
      m.lossSum.fill(static_cast<float>(m.loss));
      m.lossCount.fill(1.0F);
      all.append(m);
    }
    return all;
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-export"));
    QVERIFY(folder_.isValid());
  }

  void everyFormatOfEveryPlot() {
    LossPlot loss;
    TimestepPlot timesteps;
    TimestepHistory history;
    for (const auto& m : steps(300)) history.append(m);
    loss.append(steps(300));
    MeasurementHistory measured;
    auto all = steps(300);
    for (int i = 0; i < 300; ++i)
      all[i].loss = i == 249 ? 9.0 : 1.0 + 0.01 * (i % 3), all[i].updateRatio = i % 10 == 9 ? 0.002 : 0.0;
    measured.append(all);
    loss.setMeasurements(measured);
    loss.appendValidation({.step = 50, .loss = 0.5});
    timesteps.setHistory(&history, 1000);
    for (QWidget* plot : std::initializer_list<QWidget*>{&loss, &timesteps}) {
      plot->resize(800, 480);
      plot->show();
      auto* button = plot->findChild<ExportButton*>();
      QVERIFY(button);
      QSignalSpy saved(button, &ExportButton::saved);
      const QString base = folder_.filePath(plot->objectName());
      for (const auto* ending : {".png", ".svg", ".pdf", ".csv"}) button->save(base + QLatin1String(ending));
      QTRY_COMPARE(saved.count(), 4);
      const QImage picture(base + QStringLiteral(".png"));
      QVERIFY(picture.width() >= 2 * 600 && picture.height() >= 400);
      QXmlStreamReader svg(contentOf(base + QStringLiteral(".svg")));
      int lines = 0, images = 0;
      while (!svg.atEnd()) {
        if (svg.readNext() != QXmlStreamReader::StartElement) continue;
        lines += svg.name() == QLatin1String("polyline") || svg.name() == QLatin1String("path") ? 1 : 0;
        images += svg.name() == QLatin1String("image") ? 1 : 0;
      }
      QVERIFY2(!svg.hasError(), qPrintable(svg.errorString()));
      QVERIFY(lines > 5);
      QCOMPARE(images > 0, plot == &timesteps);  // a heat map is a picture, curves are lines
      QVERIFY(contentOf(base + QStringLiteral(".pdf")).startsWith("%PDF"));
    }
    const auto rows = contentOf(folder_.filePath(QStringLiteral("lossPlot.csv"))).split('\n');
    QCOMPARE(rows.size(), 302);
    QCOMPARE(
        rows[0],
        QByteArray(
            "step,loss,smoothed_loss,lr,grad_norm,samples_seen,active_s,validation_loss,update_ratio,spike_loss_z,spike_grad_norm_z"));
    QVERIFY(rows[4].startsWith("4,0.25,"));
    QVERIFY(rows[4].endsWith(",128,0,,,,"));
    QVERIFY(rows[50].endsWith(",0,0.5,0.002,,"));
    const auto spike = rows[250].split(',');
    QCOMPARE(spike.size(), 11);
    QVERIFY2(spike[9].toDouble() > 6.0 && spike[10] == "0", rows[250].constData());
    QCOMPARE(contentOf(folder_.filePath(QStringLiteral("timestepPlot.csv"))).split('\n').size(), 300 * 20 + 2);
  }

  void aFolderThatIsNotThere() {
    LossPlot plot;
    plot.resize(400, 300);
    auto* button = plot.findChild<ExportButton*>();
    QSignalSpy failed(button, &ExportButton::failed);
    button->save(folder_.filePath(QStringLiteral("none/x.svg")));
    button->save(folder_.filePath(QStringLiteral("none/x.csv")));
    QTRY_COMPARE(failed.count(), 2);
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("x.svg")));
    QVERIFY(!failed[0][1].toString().isEmpty());
    QCustomPlot chart;
    QVERIFY_EXCEPTION_THROWN(writeChart(&chart, folder_.filePath(QStringLiteral("none/x.png"))), Error);
  }
};

QTEST_MAIN(TestChartExport)
#include "tst_chart_export.moc"
