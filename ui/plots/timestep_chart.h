// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <optional>

#include "plots/qcp.h"
#include "plots/redraw_governor.h"
#include "session/training/timestep_history.h"

namespace dw::ui {

/// The drawing of a TimestepPlot: a heat map of the mean loss, steps across and timestep t upwards, and beside it (under
/// it where the room is narrow) the loss over t, now and at an earlier step.
class TimestepChart : public QCustomPlot {
  Q_OBJECT

 public:
  enum class Colors { Loss, Change };
  /// What lies under the mouse in the heat map.
  struct Cell {
    TimestepHistory::Sums column;
    int bin = 0;
  };

  explicit TimestepChart(QWidget* parent = nullptr);

  /// history must live as long as the chart; told of by dataChanged(). timesteps: T.
  void setHistory(const TimestepHistory* history, int timesteps);
  void dataChanged();
  void setColors(Colors colors);
  void setLogScale(bool on);
  /// The step that the curve "then" is of; empty: the beginning.
  void setThen(std::optional<std::int64_t> step);
  const std::optional<Cell>& hovered() const { return hovered_; }
  TimestepHistory::Sums now() const;
  TimestepHistory::Sums then() const;
  int timesteps() const { return timesteps_; }

 Q_SIGNALS:
  void hoverChanged();
  /// A click into the heat map.
  void stepChosen(std::int64_t step);
  void drawn();

 protected:
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  void build();
  void arrange(bool wide);
  void applyColors();
  void beforeDrawing();
  std::int64_t stepsPerColumn() const;
  /// Sums of columns that are drawn as one, so that a cell is neither a hair nor noise.
  std::vector<TimestepHistory::Sums> drawnColumns() const;
  void fillMap(const std::vector<TimestepHistory::Sums>& columns);
  void fillCurve(QCPGraph* graph, const TimestepHistory::Sums& sums);
  double shown(const TimestepHistory::Sums& column, int bin, const TimestepHistory::Sums& first) const;
  void pointAt(const QPoint& mouse);

  const TimestepHistory* history_ = nullptr;
  int timesteps_ = 1000;
  Colors colors_ = Colors::Loss;
  bool log_ = true;
  std::optional<std::int64_t> then_;
  std::optional<Cell> hovered_;
  std::vector<TimestepHistory::Sums> drawn_;
  RedrawGovernor governor_;
  QTimer paced_;
  QElapsedTimer sinceDrawing_, drawing_;
  bool wide_ = true;
  QCPAxisRect* mapRect_ = nullptr;
  QCPAxisRect* curveRect_ = nullptr;
  QCPColorMap* map_ = nullptr;
  QCPColorScale* scale_ = nullptr;
  QCPGraph* nowCurve_ = nullptr;
  QCPGraph* thenCurve_ = nullptr;
};

}  // namespace dw::ui
