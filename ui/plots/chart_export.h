// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QTextStream>
#include <QToolButton>
#include <functional>

class QCustomPlot;

namespace dw::ui {

/// Writes a chart as it is seen, in the format that the file's ending names: .png (twice the resolution of the screen),
/// .svg or .pdf (lines and texts as such; heat maps as embedded pictures). Throws Error.
void writeChart(QCustomPlot* chart, const QString& file);

/// Writes the rows of a table; called on another thread, so it holds what it needs by value.
using CsvWriter = std::function<void(QTextStream&)>;

/// A button whose menu saves a chart as PNG, SVG, PDF or its numbers as CSV. Every plot has one.
class ExportButton : public QToolButton {
  Q_OBJECT

 public:
  /// name: what file names begin with. table: copies the chart's numbers, in the GUI thread.
  ExportButton(QCustomPlot* chart, const QString& name, std::function<CsvWriter()> table, QWidget* parent = nullptr);

  /// Writes without asking; the ending says what.
  void save(const QString& file);

 Q_SIGNALS:
  void saved(const QString& file);
  void failed(const QString& sentence, const QString& remedy);

 private:
  void ask(const QString& ending, const QString& kind);
  void saveTable(const QString& file);
  void tell(const QString& text);

  QCustomPlot* chart_;
  QString name_;
  std::function<CsvWriter()> table_;
};

}  // namespace dw::ui
