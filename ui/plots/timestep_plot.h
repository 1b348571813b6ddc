// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace dw::ui {

class TimestepChart;
class TimestepHistory;

/// Why a diffusion loss looks flat: the loss at each timestep t by itself, as a map over the steps and as a curve now.
class TimestepPlot : public QWidget {
  Q_OBJECT

 public:
  explicit TimestepPlot(QWidget* parent = nullptr);

  /// history must live as long as the plot. timesteps: T of the run's schedule. Begins anew: no step is chosen.
  void setHistory(const TimestepHistory* history, int timesteps);
  /// history has grown.
  void dataChanged();
  /// What an empty plot says to do next.
  void setEmptyText(const QString& text);

 private:
  void buildControls();
  void layOut();
  void connectAll();
  void showReadout();
  void showEmpty();

  const TimestepHistory* history_ = nullptr;
  TimestepChart* chart_ = nullptr;
  QLabel* why_ = nullptr;
  QLabel* readout_ = nullptr;
  QLabel* empty_ = nullptr;
  QComboBox* colors_ = nullptr;
  QCheckBox* log_ = nullptr;
  QPushButton* fromStart_ = nullptr;
};

}  // namespace dw::ui
