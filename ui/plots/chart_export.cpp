// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/chart_export.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSettings>
#include <QStandardPaths>
#include <QSvgGenerator>
#include <QToolTip>

#include "base/error.h"
#include "plots/qcp.h"
#include "session/background_job.h"

namespace dw::ui {
namespace {

const QString kFolder = QStringLiteral("export/folder");

[[noreturn]] void refuse(const QString& file) {
  throw Error(ErrorKind::Io, QObject::tr("%1 could not be written").arg(file).toStdString(),
              QObject::tr("choose a folder that you may write to, on a disk with room").toStdString());
}

void paint(QCustomPlot* chart, QPaintDevice* device, double scale) {
  QCPPainter painter;
  if (!painter.begin(device)) refuse(QString());
  painter.setMode(QCPPainter::pmVectorized);
  painter.setMode(QCPPainter::pmNoCaching);
  painter.scale(scale, scale);
  chart->toPainter(&painter, chart->width(), chart->height());
  painter.end();
}

void writeSvg(QCustomPlot* chart, QIODevice* file) {
  QSvgGenerator generator;
  generator.setOutputDevice(file);
  generator.setSize(chart->size());
  generator.setViewBox(chart->rect());
  generator.setTitle(chart->accessibleName());
  paint(chart, &generator, 1.0);
}

void writePdf(QCustomPlot* chart, QIODevice* file) {
  constexpr double kPixelsPerInch = 96.0;
  QPdfWriter writer(file);
  writer.setPageSize(
      QPageSize(QSizeF(chart->width() / kPixelsPerInch, chart->height() / kPixelsPerInch), QPageSize::Inch));
  writer.setPageMargins(QMarginsF());
  writer.setTitle(chart->accessibleName());
  writer.setResolution(1200);  // units of the page, not of a picture
  paint(chart, &writer, writer.resolution() / kPixelsPerInch);
}

}  // namespace

void writeChart(QCustomPlot* chart, const QString& file) {
  const QString ending = QFileInfo(file).suffix().toLower();
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly)) refuse(file);
  constexpr double kSharper = 2.0;
  if (ending == QLatin1String("svg")) {
    writeSvg(chart, &out);
  } else if (ending == QLatin1String("pdf")) {
    writePdf(chart, &out);
  } else if (!chart->toPixmap(chart->width(), chart->height(), kSharper).save(&out, "PNG")) {
    refuse(file);
  }
  if (!out.commit()) refuse(file);
}

ExportButton::ExportButton(QCustomPlot* chart, const QString& name, std::function<CsvWriter()> table, QWidget* parent)
    : QToolButton(parent), chart_(chart), name_(name), table_(std::move(table)) {
  setText(tr("Export"));
  setToolTip(tr("Save this chart as a picture, or its numbers as a table"));
  setAccessibleName(tr("Export the chart"));
  setObjectName(name + QStringLiteral("Export"));
  setPopupMode(QToolButton::InstantPopup);
  setAutoRaise(true);
  auto* menu = new QMenu(this);
  menu->addAction(tr("Picture (PNG)…"), this, [this] { ask(QStringLiteral("png"), tr("Picture")); });
  menu->addAction(tr("Drawing (SVG)…"), this, [this] { ask(QStringLiteral("svg"), tr("Drawing")); });
  menu->addAction(tr("Page (PDF)…"), this, [this] { ask(QStringLiteral("pdf"), tr("Page")); });
  menu->addAction(tr("Numbers (CSV)…"), this, [this] { ask(QStringLiteral("csv"), tr("Table")); });
  setMenu(menu);
}

void ExportButton::ask(const QString& ending, const QString& kind) {
  const QString home = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
  const QString folder = QSettings().value(kFolder, home).toString();
  auto* dialog =
      new QFileDialog(window(), tr("Export the chart"), folder, QStringLiteral("%1 (*.%2)").arg(kind, ending));
  dialog->setObjectName(QStringLiteral("exportDialog"));
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(ending);
  dialog->selectFile(name_ + QLatin1Char('.') + ending);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, &ExportButton::save);
  dialog->open();  // not exec(): training goes on being shown
}

void ExportButton::save(const QString& file) {
  QSettings().setValue(kFolder, QFileInfo(file).absolutePath());
  if (file.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) return saveTable(file);
  try {
    writeChart(chart_, file);
    tell(tr("Saved %1").arg(file));
    Q_EMIT saved(file);
  } catch (const Error& error) {
    tell(QString::fromStdString(error.what()));
    Q_EMIT failed(QString::fromStdString(error.what()), QString::fromStdString(error.remedy()));
  }
}

void ExportButton::saveTable(const QString& file) {
  runInBackground(
      this,
      [file, write = table_()] {
        QSaveFile out(file);
        if (!out.open(QIODevice::WriteOnly)) refuse(file);
        QTextStream text(&out);
        text.setLocale(QLocale::c());
        write(text);
        text.flush();
        if (text.status() != QTextStream::Ok || !out.commit()) refuse(file);
        return file;
      },
      [this](const QString& written) {
        tell(tr("Saved %1").arg(written));
        Q_EMIT saved(written);
      },
      [this](const JobFailure& failure) {
        tell(failure.sentence);
        Q_EMIT failed(failure.sentence, failure.remedy);
      });
}

void ExportButton::tell(const QString& text) { QToolTip::showText(mapToGlobal(QPoint(0, height())), text, this); }

}  // namespace dw::ui
