// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <optional>

#include "plots/loss_data.h"
#include "plots/qcp.h"
#include "plots/redraw_governor.h"

namespace dw::ui {

class ChartCursor;

/// The drawing of a loss plot: loss above, learning rate below, one step axis. Wheel zooms the step axis, Ctrl + wheel the
/// loss axis, dragging moves, Shift + dragging zooms into a box, double click follows again. Curves are decimated anew
/// before each drawing; drawings after new points are paced by a RedrawGovernor.
class LossChart : public QCustomPlot {
  Q_OBJECT

 public:
  explicit LossChart(QWidget* parent = nullptr);

  LossData& data() { return data_; }
  const LossData& data() const { return data_; }
  /// The data changed: draw, but not more often than the pace allows.
  void dataChanged();

  void setLogX(bool on);
  void setLogY(bool on);
  bool isFollowing() const { return followX_ && followY_; }
  /// Fits all points and keeps fitting as new ones come.
  void follow();
  /// Zooms the step axis about its middle; factor < 1 shows less.
  void zoomSteps(double factor);
  /// Index of the point under the mouse.
  std::optional<std::size_t> hovered() const { return hovered_; }

 Q_SIGNALS:
  void followingChanged(bool following);
  void hoverChanged();
  /// The curves were drawn: figures beside them may be brought up to date.
  void drawn();

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void updateLayout() override;

 private:
  void buildAxes();
  void buildCurves();
  void connectMouse();
  void applyColors();
  void userMoved(bool x, bool y);
  void setRange(QCPAxis* axis, const QCPRange& range);
  void beforeDrawing();
  void afterDrawing();
  void fitSteps();
  void fitLoss();
  void fitRate();
  void fillCurves();
  void pointAt(const QPoint& mouse);
  void placeCursor();

  LossData data_;
  RedrawGovernor governor_;
  QTimer paced_;
  QElapsedTimer sinceDrawing_;
  QElapsedTimer drawing_;
  bool followX_ = true, followY_ = true;
  bool fitting_ = false;    // a range changes by our hand, not the user's
  bool dragging_ = false;
  std::optional<std::size_t> hovered_;
  QPoint mouse_;
  QCPAxisRect* lossRect_ = nullptr;
  QCPAxisRect* rateRect_ = nullptr;
  QCPGraph* raw_ = nullptr;
  QCPGraph* smooth_ = nullptr;
  QCPGraph* rate_ = nullptr;
  ChartCursor* cursor_ = nullptr;
};

}  // namespace dw::ui
