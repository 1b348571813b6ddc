// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <span>

#include "run/step_metrics.h"
#include "session/metrics_history.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QSlider;
class QToolButton;

namespace dw::ui {

class LossChart;

/// Loss over steps: raw (faint) and smoothed, with the learning rate under it on the same axis, and the controls that
/// belong to it. Every point counts: a pixel column shows the least and the greatest value of all steps that fall into it.
class LossPlot : public QWidget {
  Q_OBJECT

 public:
  explicit LossPlot(QWidget* parent = nullptr);
  ~LossPlot() override;

  /// Shows a new run: nothing but what comes from now on, follow mode on.
  void clear();
  /// More steps, in order.
  void append(std::span<const run::StepMetrics> metrics);
  /// Shows exactly these steps; zoom and follow stay as they are.
  void setHistory(const MetricsHistory& history);
  /// What an empty plot says to do next.
  void setEmptyText(const QString& text);

  std::size_t pointCount() const;
  /// Loss of the step nearest to one; empty if there are no points.
  std::optional<double> lossNear(double step) const;
  void setSmoothingWindow(int steps);
  bool isFollowing() const;

 private:
  void buildControls();
  void layOut();
  void connectAll();
  void showReadout();

  LossChart* chart_ = nullptr;
  QLabel* readout_ = nullptr;
  QCheckBox* logX_ = nullptr;
  QCheckBox* logY_ = nullptr;
  QSlider* smoothing_ = nullptr;
  QLabel* smoothingLabel_ = nullptr;
  QPushButton* follow_ = nullptr;
  QToolButton* help_ = nullptr;
  QLabel* note_ = nullptr;
  QLabel* empty_ = nullptr;
};

}  // namespace dw::ui
