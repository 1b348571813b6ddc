// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "messages/measurements.h"
#include "messages/step_metrics.h"
#include "plots/chart_export.h"
#include "session/training/measurement_history.h"
#include "session/training/metrics_history.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QSlider;
class QToolButton;

namespace dw::ui {

class LossChart;
struct PlotFlag;
struct PlotPoint;
struct RatePlan;

/// Loss over steps: raw (faint) and smoothed, with the learning rate and the gradient norm under it on the same axis, and
/// the controls that belong to it. Every point counts: a pixel column shows the least and the greatest value of all steps
/// that fall into it.
class LossPlot : public QWidget {
  Q_OBJECT

 public:
  explicit LossPlot(QWidget* parent = nullptr);
  ~LossPlot() override;

  /// Shows a new run: nothing but what comes from now on, follow mode on.
  void clear();
  /// More steps, in order.
  void append(std::span<const messages::StepMetrics> metrics);
  /// Shows exactly these steps; zoom and follow stay as they are.
  void setHistory(const MetricsHistory& history);
  /// One more loss on samples that are never trained on; passed over unless its step is above the last one's.
  void appendValidation(const messages::ValidationPoint& point);
  /// Shows exactly these, in step order.
  void setValidation(std::span<const messages::ValidationPoint> points);
  /// Shows exactly these: validation losses, ratios of update to weight, spikes.
  void setMeasurements(const MeasurementHistory& measured);
  /// The ratios and spikes that came since, after the steps they belong to. Looks at the new ones only.
  void appendMeasurements(const MeasurementHistory& measured);
  /// Commands that were applied; setFlags replaces all.
  void setFlags(std::vector<PlotFlag> flags);
  void addFlag(PlotFlag flag);
  /// Forgets the flags of later commands: the run went back to where this many were applied.
  void dropFlagsAfter(std::int64_t number);
  std::size_t flagCount() const;
  /// Rates that the schedule plans for the steps to come, in step order.
  void setAhead(std::vector<PlotPoint> ahead);
  /// Rings to drag on that plan; empty: it cannot be changed now.
  void setPlan(const std::optional<RatePlan>& plan);
  /// Shows the axis up to the end of the plan.
  void showAhead();
  /// What an empty plot says to do next.
  void setEmptyText(const QString& text);

  std::size_t pointCount() const;
  std::size_t updateRatioCount() const;
  std::size_t spikeCount() const;
  /// (step, loss) of the validation losses shown.
  std::vector<std::pair<std::int64_t, double>> validation() const;
  /// Loss of the step nearest to one; empty if there are no points.
  std::optional<double> lossNear(double step) const;
  void setSmoothingWindow(int steps);
  bool isFollowing() const;

 Q_SIGNALS:
  // As of LossChart: a ring of the plan is dragged, let go, or the drag is given up.
  void planDragged(const dw::ui::RatePlan& plan);
  void planDropped();
  void planCancelled();

 private:
  void buildControls();
  void layOut();
  void connectAll();
  void showReadout();
  void showNote();
  CsvWriter table() const;

  LossChart* chart_ = nullptr;
  QLabel* readout_ = nullptr;
  QCheckBox* logX_ = nullptr;
  QCheckBox* logY_ = nullptr;
  QCheckBox* ahead_ = nullptr;
  QComboBox* axis_ = nullptr;
  QComboBox* under_ = nullptr;
  QSlider* smoothing_ = nullptr;
  QLabel* smoothingLabel_ = nullptr;
  QPushButton* follow_ = nullptr;
  QToolButton* help_ = nullptr;
  QLabel* note_ = nullptr;
  QLabel* empty_ = nullptr;
};

}  // namespace dw::ui
