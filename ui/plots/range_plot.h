// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "plots/chart_export.h"
#include "plots/ema_smoother.h"

class QCPGraph;
class QCPItemStraightLine;
class QLabel;

namespace dw::ui {

class ChartCursor;

/// Loss over the learning rate, on a logarithmic axis, of a range test: single steps faint, smoothed as the suggestion is made
/// from, with a line at the chosen rate. A click chooses another.
class RangePlot : public QWidget {
  Q_OBJECT

 public:
  explicit RangePlot(QWidget* parent = nullptr);
  ~RangePlot() override;

  void clear();
  /// Rates rise.
  void append(double rate, double loss);
  /// The line; empty: none.
  void setChosen(std::optional<double> rate);
  void setEmptyText(const QString& text);
  std::size_t pointCount() const { return rates_.size(); }
  /// Where a rate stands, in pixels of this widget.
  QPoint positionOf(double rate) const;

 Q_SIGNALS:
  void ratePicked(double rate);

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildChart();
  void applyColors();
  void fit();
  void showReadout(std::optional<std::size_t> point);
  std::optional<std::size_t> pointAt(const QPoint& mouse) const;
  CsvWriter table() const;

  QCustomPlot* chart_ = nullptr;
  QCPGraph* raw_ = nullptr;
  QCPGraph* smooth_ = nullptr;
  QCPItemStraightLine* line_ = nullptr;
  ChartCursor* cursor_ = nullptr;
  QLabel* readout_ = nullptr;
  QLabel* empty_ = nullptr;
  std::vector<double> rates_, losses_, smoothed_;
  EmaSmoother smoother_{10.0};  // forgets by 0.9 a step, as run::suggestRate does
};

}  // namespace dw::ui
