// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

#include "plots/loss_data.h"
#include "plots/qcp.h"

namespace dw::ui {

struct ChartColors;

/// A command that was applied, as a flag on the plot.
struct PlotFlag {
  std::int64_t step = 0;
  QString text;
  std::int64_t number = 0;  ///< of the command, among those of the run
};

/// What a loss chart draws into its two axis rects: the curves, the schedule ahead, flags, and what the drawing leaves
/// out in words (points beyond the edges, steps that share a pixel).
class LossCurves {
 public:
  LossCurves(QCustomPlot* plot, QCPAxisRect* loss, QCPAxisRect* rate);

  void applyColors(const ChartColors& colors, const QFont& font);
  /// Brings everything up to date for the ranges in force.
  void fill(const LossData& data, double pixelRatio);
  void fitRates(const LossData& data);
  void setFlags(std::vector<PlotFlag> flags) { flags_ = std::move(flags); }
  void addFlag(PlotFlag flag) { flags_.push_back(std::move(flag)); }
  const std::vector<PlotFlag>& flags() const { return flags_; }
  /// Rates of the steps to come, in step order; empty: nothing is planned.
  void setAhead(std::vector<PlotPoint> ahead) { ahead_ = std::move(ahead); }
  const std::vector<PlotPoint>& ahead() const { return ahead_; }
  /// The flags within a few pixels of a place.
  QString flagsNear(const LossData& data, double pixelX) const;
  /// Points of the steps in view beyond the upper and lower edge.
  MinMaxSeries::Outside outside() const { return outside_; }

 private:
  QCPGraph* graph(QCPAxis* x, QCPAxis* y, const QString& name);
  QCPItemText* note(Qt::Alignment where, double x, double y);
  void fillFlags(const LossData& data);
  void fillAhead(const LossData& data);
  void fillNotes(const LossData& data, double pixelRatio);

  QCustomPlot* plot_;
  QCPAxis *lossX_, *lossY_, *rateX_, *rateY_, *gradY_, *flagY_;
  QCPGraph *raw_, *smooth_, *validation_, *rate_, *gradNorm_, *aheadCurve_, *flagCurve_;
  QCPItemText *above_, *below_, *thinned_;
  std::vector<PlotFlag> flags_;
  std::vector<PlotPoint> ahead_;
  MinMaxSeries::Outside outside_;
};

}  // namespace dw::ui
