// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
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

/// What stands over the learning rate, on the right axis under the loss.
enum class UnderCurve { GradNorm, UpdateRatio };

/// What a loss chart draws into its two axis rects: the curves, the schedule ahead, flags, and what the drawing leaves
/// out in words (points beyond the edges, steps that share a pixel).
class LossCurves {
 public:
  LossCurves(QCustomPlot* plot, QCPAxisRect* loss, QCPAxisRect* rate);

  void applyColors(const ChartColors& colors, const QFont& font);
  /// Brings everything up to date for the ranges in force.
  void fill(const LossData& data, double pixelRatio);
  /// Fits the axes under the loss; keepRate: that of the learning rate stays as it is, for a hand that drags on it.
  void fitRates(const LossData& data, bool keepRate = false);
  void setUnder(UnderCurve which);
  QCPAxis* rateAxis() const { return rateY_; }
  /// Markers of spikes in view, in drawing order.
  std::size_t spikesDrawn() const;
  void setFlags(std::vector<PlotFlag> flags) { flags_ = std::move(flags); }
  void addFlag(PlotFlag flag) { flags_.push_back(std::move(flag)); }
  const std::vector<PlotFlag>& flags() const { return flags_; }
  /// Rates of the steps to come, in step order; empty: nothing is planned.
  void setAhead(std::vector<PlotPoint> ahead) { ahead_ = std::move(ahead); }
  const std::vector<PlotPoint>& ahead() const { return ahead_; }
  /// The flags within a few pixels of a place.
  QString flagsNear(const LossData& data, double pixelX) const;
  /// The spikes within a few pixels of a place: the strongest in words, and how many more.
  QString spikesNear(const LossData& data, double pixelX) const;
  /// What a student needs to know about the thing under the mouse: a spike, the guide line; may be empty. Rich text.
  QString explanationAt(const LossData& data, const QPointF& mouse) const;
  /// Points of the steps in view beyond the upper and lower edge.
  MinMaxSeries::Outside outside() const { return outside_; }

 private:
  QCPGraph* graph(QCPAxis* x, QCPAxis* y, const QString& name);
  QCPItemText* note(Qt::Alignment where, double x, double y);
  void buildUnder(QCPAxisRect* rate);
  void fillSpikes(const LossData& data, std::span<const double> edges);
  void fillUpdateRatio(const LossData& data, const std::vector<double>& edges);
  void fitUpdateRatio(const LossData& data);
  /// Points of spikes whose place is that near: first and one beyond the last.
  std::pair<std::size_t, std::size_t> spikesAround(const LossData& data, double pixelX) const;
  void fillFlags(const LossData& data);
  void fillAhead(const LossData& data);
  void fillNotes(const LossData& data, double pixelRatio);

  QCustomPlot* plot_;
  QCPAxis *lossX_, *lossY_, *rateX_, *rateY_, *gradY_, *flagY_, *ratioY_ = nullptr;
  QCPGraph *raw_, *smooth_, *validation_, *rate_, *gradNorm_, *aheadCurve_, *flagCurve_;
  QCPGraph *spikes_ = nullptr, *updateRatio_ = nullptr, *guide_ = nullptr;
  QCPItemText *above_, *below_, *thinned_, *guideText_ = nullptr;
  QPen ratioPen_;
  UnderCurve under_ = UnderCurve::GradNorm;
  std::vector<PlotFlag> flags_;
  std::vector<PlotPoint> ahead_;
  MinMaxSeries::Outside outside_;
};

}  // namespace dw::ui
