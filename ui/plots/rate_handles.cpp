// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/rate_handles.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "plots/chart_colors.h"

namespace dw::ui {
namespace {

constexpr double kReach = 10.0;       // pixels from a ring that still take it
constexpr double kSideways = 8.0;     // pixels sideways from which a drag means the step too
constexpr double kLeastShare = 1e-3;  // of the axis: a peak is never dragged to 0, which is no rate

}  // namespace

RateHandles::RateHandles(QCustomPlot* plot, QCPAxis* x, QCPAxis* y) : x_(x), y_(y), rings_(plot->addGraph(x, y)) {
  rings_->setName(QCoreApplication::translate("RateHandles", "handles of the planned learning rate"));
  rings_->setLineStyle(QCPGraph::lsNone);
  rings_->setSelectable(QCP::stNone);
  rings_->setAntialiasedScatters(true);
  rings_->setAdaptiveSampling(false);
}

void RateHandles::applyColors(const ChartColors& colors) {
  rings_->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colors.lr, 2.0), QBrush(colors.background), 11.0));
}

void RateHandles::setPlan(const std::optional<RatePlan>& plan) {
  if (plan && isHeld()) return;
  plan_ = plan;
  if (!plan_) held_ = Grip::None;
}

void RateHandles::fill(const LossData& data) {
  QVector<QCPGraphData> rings;
  if (plan_) {
    rings.append({data.xOf(plan_->peakStep), plan_->peakRate});
    if (plan_->endMoves) rings.append({data.xOf(plan_->endStep), plan_->endRate});
  }
  rings_->data()->set(rings, false);
}

QPointF RateHandles::peakPixel(const LossData& data) const {
  return {x_->coordToPixel(data.xOf(plan_->peakStep)), y_->coordToPixel(plan_->peakRate)};
}

QPointF RateHandles::endPixel(const LossData& data) const {
  return {x_->coordToPixel(data.xOf(plan_->endStep)), y_->coordToPixel(plan_->endRate)};
}

RateHandles::Grip RateHandles::gripAt(const QPointF& mouse, const LossData& data) const {
  if (!plan_) return Grip::None;
  const auto distance = [&mouse](const QPointF& ring) {
    return std::hypot(ring.x() - mouse.x(), ring.y() - mouse.y());
  };
  const double peak = distance(peakPixel(data));
  const double end = plan_->endMoves ? distance(endPixel(data)) : HUGE_VAL;
  if (std::min(peak, end) > kReach) return Grip::None;
  return peak <= end ? Grip::Peak : Grip::End;
}

bool RateHandles::grab(const QPointF& mouse, const LossData& data) {
  held_ = gripAt(mouse, data);
  if (!isHeld()) return false;
  from_ = mouse;
  offset_ = mouse - (held_ == Grip::Peak ? peakPixel(data) : endPixel(data));
  before_ = *plan_;
  moved_ = false;
  return true;
}

const RatePlan& RateHandles::moveTo(const QPointF& mouse, const LossData& data) {
  const QPointF ring = mouse - offset_;
  const double rate = std::max(0.0, y_->pixelToCoord(ring.y()));
  moved_ = moved_ || (mouse - from_).manhattanLength() >= 2.0;
  if (held_ == Grip::End) {
    plan_->endRate = rate;
    return *plan_;
  }
  plan_->peakRate = std::max(rate, kLeastShare * y_->range().upper);
  // A hand that only wants another rate trembles sideways; and only steps can be read off this axis backwards.
  plan_->peakMoved =
      data.axis() == LossAxis::Step && (plan_->peakMoved || std::abs(mouse.x() - from_.x()) >= kSideways);
  if (plan_->peakMoved) {
    const double now = data.size() > 0 ? static_cast<double>(data.step(data.size() - 1)) : 0.0;
    plan_->peakStep = std::clamp(x_->pixelToCoord(ring.x()), std::min(now + 1.0, plan_->endStep), plan_->endStep);
  }
  return *plan_;
}

bool RateHandles::letGo() {
  const bool dragged = isHeld() && moved_;
  held_ = Grip::None;
  if (plan_) plan_->peakMoved = false;
  return dragged;
}

void RateHandles::cancel() {
  if (isHeld() && plan_) *plan_ = before_;
  held_ = Grip::None;
}

}  // namespace dw::ui
