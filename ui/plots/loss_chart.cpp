// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_chart.h"

#include <algorithm>
#include <cmath>

#include "plots/chart_colors.h"
#include "plots/chart_cursor.h"
#include "plots/loss_axes.h"

namespace dw::ui {
namespace {

/// A range of the loss that the validation curve fits into as well.
QCPRange withValidation(QCPRange range, const MinMaxSeries& validation, const QCPRange& steps, bool log) {
  if (const auto more = valueRange(validation, steps, log)) range.expand(*more);
  return range;
}

}  // namespace

LossChart::LossChart(QWidget* parent) : QCustomPlot(parent), cursor_(new ChartCursor(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setNoAntialiasingOnDrag(true);
  setPlottingHint(QCP::phFastPolylines, true);
  buildAxes();
  curves_ = std::make_unique<LossCurves>(this, lossRect_, rateRect_);
  handles_ = std::make_unique<RateHandles>(this, rateRect_->axis(QCPAxis::atBottom), curves_->rateAxis());
  connectMouse();
  applyColors();
  paced_.setSingleShot(true);
  connect(&paced_, &QTimer::timeout, this, [this] { replot(rpQueuedReplot); });
  connect(this, &QCustomPlot::beforeReplot, this, &LossChart::beforeDrawing);
  connect(this, &QCustomPlot::afterReplot, this, &LossChart::afterDrawing);
}

LossChart::~LossChart() = default;

void LossChart::buildAxes() {
  plotLayout()->clear();
  lossRect_ = new QCPAxisRect(this);
  rateRect_ = new QCPAxisRect(this);
  plotLayout()->addElement(0, 0, lossRect_);
  plotLayout()->addElement(1, 0, rateRect_);
  plotLayout()->setRowStretchFactor(0, 4);
  plotLayout()->setRowSpacing(0);
  rateRect_->setMinimumSize(0, 72);
  auto* margins = new QCPMarginGroup(this);
  for (auto* rect : {lossRect_, rateRect_}) {
    rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
    rect->setMinimumMargins(QMargins(8, 4, 8, 4));
    rect->setRangeZoom(Qt::Horizontal);
    rect->setRangeZoomAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    for (auto* axis : rect->axes()) {
      axis->setLayer(QStringLiteral("axes"));
      axis->grid()->setLayer(QStringLiteral("grid"));
      axis->setTickLabelPadding(4);
    }
  }
  rateRect_->setRangeDrag(Qt::Horizontal);
  lossRect_->axis(QCPAxis::atBottom)->setTickLabels(false);
  lossRect_->axis(QCPAxis::atLeft)->setLabel(tr("loss"));
  rateRect_->axis(QCPAxis::atLeft)->setLabel(tr("rate"));
  rateRect_->axis(QCPAxis::atLeft)->ticker()->setTickCount(2);
  rateRect_->axis(QCPAxis::atBottom)->setLabel(tr("step"));
}

void LossChart::connectMouse() {
  setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  auto* lossX = lossRect_->axis(QCPAxis::atBottom);
  auto* rateX = rateRect_->axis(QCPAxis::atBottom);
  auto* lossY = lossRect_->axis(QCPAxis::atLeft);
  const auto changed = qOverload<const QCPRange&>(&QCPAxis::rangeChanged);
  connect(lossX, changed, rateX, qOverload<const QCPRange&>(&QCPAxis::setRange));
  connect(rateX, changed, lossX, qOverload<const QCPRange&>(&QCPAxis::setRange));
  connect(lossX, changed, this, [this] { userMoved(true, false); });
  connect(lossY, changed, this, [this] { userMoved(false, true); });
  connect(this, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
    const bool box = event->modifiers().testFlag(Qt::ShiftModifier);
    setSelectionRectMode(box ? QCP::srmZoom : QCP::srmNone);
    dragging_ = event->button() == Qt::LeftButton;
  });
  connect(this, &QCustomPlot::mouseRelease, this, [this] { dragging_ = false; });
  connect(this, &QCustomPlot::mouseWheel, this, [this](QWheelEvent* event) {
    const bool loss = event->modifiers().testFlag(Qt::ControlModifier);
    lossRect_->setRangeZoom(loss ? Qt::Vertical : Qt::Horizontal);
  });
  connect(this, &QCustomPlot::mouseDoubleClick, this, &LossChart::follow);
  connect(this, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { pointAt(event->pos()); });
}

void LossChart::applyColors() {
  const ChartColors colors(palette());
  setBackground(colors.background);
  styleAxes({lossRect_, rateRect_}, colors, font());
  curves_->applyColors(colors, font());
  handles_->applyColors(colors);
  cursor_->setColors(colors.quietText, colors.smooth);
}

void LossChart::dataChanged() {
  if (!isVisible() || paced_.isActive()) return;
  const double since = sinceDrawing_.isValid() ? static_cast<double>(sinceDrawing_.elapsed()) : 1e9;
  paced_.start(static_cast<int>(governor_.waitMs(since, dragging_)));
}

void LossChart::setLogX(bool on) {
  fitting_ = true;  // a logarithmic axis mends its range by itself; that is no zoom of the user's
  for (auto* rect : {lossRect_, rateRect_}) setLogScale(rect->axis(QCPAxis::atBottom), on);
  fitting_ = false;
  replot(rpQueuedReplot);
}

void LossChart::setUnder(UnderCurve which) {
  curves_->setUnder(which);
  replot(rpQueuedReplot);
}

void LossChart::setLogY(bool on) {
  fitting_ = true;
  setLogScale(lossRect_->axis(QCPAxis::atLeft), on);
  fitting_ = false;
  replot(rpQueuedReplot);
}

void LossChart::setAxis(LossAxis axis) {
  data_.setAxis(axis);
  const auto label = axis == LossAxis::Step      ? tr("step")
                     : axis == LossAxis::Samples ? tr("samples seen")
                                                 : tr("seconds of training");
  rateRect_->axis(QCPAxis::atBottom)->setLabel(label);
  followX_ = false;  // a zoom of the old axis means nothing on the new one
  follow();
}

void LossChart::setShowAhead(bool on) {
  showAhead_ = on;
  follow();
}

void LossChart::follow() {
  const bool before = isFollowing();
  followX_ = followY_ = true;
  if (!before) Q_EMIT followingChanged(true);
  replot(rpQueuedReplot);
}

void LossChart::zoomSteps(double factor) {
  auto* axis = lossRect_->axis(QCPAxis::atBottom);
  axis->scaleRange(factor);
  replot(rpQueuedReplot);
}

void LossChart::userMoved(bool x, bool y) {
  if (fitting_) return;
  const bool before = isFollowing();
  followX_ = followX_ && !x;
  followY_ = followY_ && !y;
  if (before) Q_EMIT followingChanged(false);
}

void LossChart::setRange(QCPAxis* axis, const QCPRange& range) {
  fitting_ = true;
  axis->setRange(range);
  fitting_ = false;
}

void LossChart::beforeDrawing() {
  drawing_.start();
  for (auto* rect : {lossRect_, rateRect_}) rect->setVisible(data_.size() > 0);  // an empty plot has no scale to show
  if (followX_) fitSteps();
  if (followY_) fitLoss();
  curves_->fitRates(data_, handles_->isHeld());
  const bool counted = data_.axis() != LossAxis::Time;
  for (auto* rect : {lossRect_, rateRect_}) chooseTicker(rect->axis(QCPAxis::atBottom), counted);
  chooseTicker(lossRect_->axis(QCPAxis::atLeft), false);
}

// Within replot(), after beforeReplot: only now is it known how many pixel columns the axes have.
void LossChart::updateLayout() {
  QCustomPlot::updateLayout();
  if (!handles_) return;  // under construction
  curves_->fill(data_, devicePixelRatioF());
  handles_->fill(data_);
}

void LossChart::afterDrawing() {
  if (!dragging_) governor_.measured(static_cast<double>(drawing_.nsecsElapsed()) * 1e-6);
  sinceDrawing_.restart();
  placeCursor();
  Q_EMIT drawn();
}

void LossChart::fitSteps() {
  const auto& raw = data_.raw();
  if (raw.empty()) return setRange(lossRect_->axis(QCPAxis::atBottom), QCPRange(1.0, 100.0));
  const double first = raw.x(0);
  double last = raw.x(raw.size() - 1);
  const auto& ahead = curves_->ahead();
  if (showAhead_ && !ahead.empty()) last = std::max(last, data_.xOf(ahead.back().x));
  setRange(lossRect_->axis(QCPAxis::atBottom),
           paddedRange(first, last, isLog(lossRect_->axis(QCPAxis::atBottom)), 0.01));
}

void LossChart::fitLoss() {
  auto* axis = lossRect_->axis(QCPAxis::atLeft);
  const auto range = lossRect_->axis(QCPAxis::atBottom)->range();
  const auto fitted = valueRange(data_.raw(), range, isLog(axis));
  if (fitted) setRange(axis, withValidation(*fitted, data_.validation(), range, isLog(axis)));
}

QString LossChart::hoveredFlags() const { return hovered_ ? curves_->flagsNear(data_, mouse_.x()) : QString(); }

QString LossChart::hoveredSpikes() const { return hovered_ ? curves_->spikesNear(data_, mouse_.x()) : QString(); }

void LossChart::pointAt(const QPoint& mouse) {
  mouse_ = mouse;
  const bool inside = lossRect_->rect().contains(mouse) || rateRect_->rect().contains(mouse);
  const auto before = hovered_;
  hovered_.reset();
  if (inside && data_.size() > 0) {
    hovered_ = data_.raw().nearest(lossRect_->axis(QCPAxis::atBottom)->pixelToCoord(mouse.x()));
  }
  placeCursor();
  if (hovered_ || before) Q_EMIT hoverChanged();
}

void LossChart::placeCursor() {
  if (hovered_ && *hovered_ >= data_.size()) hovered_.reset();
  if (!hovered_) return cursor_->show(std::nullopt, {});
  const auto& curve = data_.window() > 1.0 ? data_.smooth() : data_.raw();
  const QPointF point(lossRect_->axis(QCPAxis::atBottom)->coordToPixel(curve.x(*hovered_)),
                      lossRect_->axis(QCPAxis::atLeft)->coordToPixel(curve.y(*hovered_)));
  cursor_->show(point, lossRect_->rect().united(rateRect_->rect()));
}

void LossChart::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange) return;
  applyColors();
  replot(rpQueuedReplot);
}

void LossChart::keyPressEvent(QKeyEvent* event) {
  auto* axis = lossRect_->axis(QCPAxis::atBottom);
  const auto move = [&](double share) { axis->moveRange(share * axis->range().size()); };
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomSteps(0.8); return;
    case Qt::Key_Minus: zoomSteps(1.25); return;
    case Qt::Key_Left: move(-0.1); break;
    case Qt::Key_Right: move(0.1); break;
    case Qt::Key_Home: follow(); return;
    case Qt::Key_Escape:
      if (!handles_->isHeld()) return QCustomPlot::keyPressEvent(event);
      cancelDrag();
      return;
    default: QCustomPlot::keyPressEvent(event); return;
  }
  replot(rpQueuedReplot);
}

void LossChart::leaveEvent(QEvent* event) {
  QCustomPlot::leaveEvent(event);
  pointAt(QPoint(-1, -1));
}

void LossChart::resizeEvent(QResizeEvent* event) {
  QCustomPlot::resizeEvent(event);
  cursor_->resize(size());
}

void LossChart::showEvent(QShowEvent* event) {
  QCustomPlot::showEvent(event);
  replot(rpQueuedReplot);
}

}  // namespace dw::ui
