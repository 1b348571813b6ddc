// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <memory>
#include <optional>

#include "plots/loss_curves.h"
#include "plots/loss_data.h"
#include "plots/qcp.h"
#include "plots/rate_handles.h"
#include "plots/redraw_governor.h"

namespace dw::ui {

class ChartCursor;

/// The drawing of a loss plot: loss above, learning rate and gradient norm below, one axis of steps (or samples, or time).
/// Wheel zooms the step axis, Ctrl + wheel the
/// loss axis, dragging moves, Shift + dragging zooms into a box, double click follows again; dragging a ring of the planned rate
/// asks for another plan, Escape gives that up. Curves are decimated anew
/// before each drawing; drawings after new points are paced by a RedrawGovernor.
class LossChart : public QCustomPlot {
  Q_OBJECT

 public:
  explicit LossChart(QWidget* parent = nullptr);
  ~LossChart() override;

  LossData& data() { return data_; }
  const LossData& data() const { return data_; }
  /// The data changed: draw, but not more often than the pace allows.
  void dataChanged();

  LossCurves& curves() { return *curves_; }

  RateHandles& handles() { return *handles_; }
  void setUnder(UnderCurve which);

  void setLogX(bool on);
  void setLogY(bool on);
  /// The other axis shows all that the present one showed, if it follows; else everything.
  void setAxis(LossAxis axis);
  /// The step axis reaches to the end of the plan, not only to the newest step.
  void setShowAhead(bool on);
  bool showsAhead() const { return showAhead_; }
  bool isFollowing() const { return followX_ && followY_; }
  /// Fits all points and keeps fitting as new ones come.
  void follow();
  /// Zooms the step axis about its middle; factor < 1 shows less.
  void zoomSteps(double factor);
  /// Index of the point under the mouse.
  std::optional<std::size_t> hovered() const { return hovered_; }
  /// Words of the flags under the mouse.
  QString hoveredFlags() const;
  /// Spikes under the mouse in words.
  QString hoveredSpikes() const;

 Q_SIGNALS:
  void followingChanged(bool following);
  void hoverChanged();
  /// The curves were drawn: figures beside them may be brought up to date.
  void drawn();
  /// A ring of the plan is being dragged to here.
  void planDragged(const dw::ui::RatePlan& plan);
  /// It was let go: what was dragged last is meant.
  void planDropped();
  /// The drag was given up: nothing is to change.
  void planCancelled();

 protected:
  bool event(QEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void updateLayout() override;

 private:
  void buildAxes();
  void connectMouse();
  void applyColors();
  void userMoved(bool x, bool y);
  void setRange(QCPAxis* axis, const QCPRange& range);
  void beforeDrawing();
  void afterDrawing();
  void fitSteps();
  void fitLoss();
  void pointAt(const QPoint& mouse);
  void placeCursor();
  void cancelDrag();

  LossData data_;
  RedrawGovernor governor_;
  QTimer paced_;
  QElapsedTimer sinceDrawing_;
  QElapsedTimer drawing_;
  bool followX_ = true, followY_ = true;
  bool fitting_ = false;  // a range changes by our hand, not the user's
  bool dragging_ = false;
  bool showAhead_ = false;
  std::optional<std::size_t> hovered_;
  QPoint mouse_;
  QCPAxisRect* lossRect_ = nullptr;
  QCPAxisRect* rateRect_ = nullptr;
  std::unique_ptr<LossCurves> curves_;
  std::unique_ptr<RateHandles> handles_;
  ChartCursor* cursor_ = nullptr;
};

}  // namespace dw::ui
