// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <optional>

#include "plots/loss_data.h"
#include "plots/qcp.h"
#include "plots/rate_plan.h"

namespace dw::ui {

struct ChartColors;

/// Two rings on the planned learning rate, to be dragged: the peak up, down and sideways, the end up and down.
class RateHandles {
 public:
  RateHandles(QCustomPlot* plot, QCPAxis* x, QCPAxis* y);

  void applyColors(const ChartColors& colors);
  /// Empty: nothing can be moved, and a ring that is held is let go. While one is held the hand decides, not this.
  void setPlan(const std::optional<RatePlan>& plan);
  const std::optional<RatePlan>& plan() const { return plan_; }
  /// Puts the rings where the axes in force have them.
  void fill(const LossData& data);

  bool isOver(const QPointF& mouse, const LossData& data) const { return gripAt(mouse, data) != Grip::None; }
  /// Takes the ring under the mouse, if there is one.
  bool grab(const QPointF& mouse, const LossData& data);
  bool isHeld() const { return held_ != Grip::None; }
  /// The plan with the held ring under the mouse.
  const RatePlan& moveTo(const QPointF& mouse, const LossData& data);
  /// Lets go. Whether the ring was moved.
  bool letGo();
  /// Lets go and puts the plan back to where it was taken.
  void cancel();
  /// Where a ring stands, in pixels: the peak, or the end. For the tests' mouse, and for the eye.
  QPointF peakPixel(const LossData& data) const;
  QPointF endPixel(const LossData& data) const;

 private:
  enum class Grip { None, Peak, End };
  Grip gripAt(const QPointF& mouse, const LossData& data) const;

  QCPAxis *x_, *y_;
  QCPGraph* rings_;
  std::optional<RatePlan> plan_;
  Grip held_ = Grip::None;
  QPointF from_;    // where the mouse took the ring
  QPointF offset_;  // mouse less ring then
  RatePlan before_;
  bool moved_ = false;
};

}  // namespace dw::ui
