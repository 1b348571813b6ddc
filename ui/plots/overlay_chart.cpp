// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/overlay_chart.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plots/chart_colors.h"
#include "plots/loss_axes.h"

namespace dw::ui {
namespace {

constexpr int kLegendWidth = 220;  // pixels that a name may take

void addPoint(LossData& data, const MetricsHistory& history, std::size_t i) {
  data.append(history.step[i], history.loss[i], static_cast<double>(history.lr[i]),
              static_cast<double>(history.gradNorm[i]));
}

}  // namespace

OverlayChart::OverlayChart(QWidget* parent) : QCustomPlot(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setNoAntialiasingOnDrag(true);
  setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  axisRect()->setMinimumMargins(QMargins(8, 8, 8, 4));
  xAxis->setLabel(tr("step"));
  yAxis->setLabel(tr("loss"));
  const auto changed = qOverload<const QCPRange&>(&QCPAxis::rangeChanged);
  for (auto* axis : {xAxis, yAxis}) connect(axis, changed, this, &OverlayChart::userMoved);
  connect(this, &QCustomPlot::mouseWheel, this, [this](QWheelEvent* event) {
    axisRect()->setRangeZoom(event->modifiers().testFlag(Qt::ControlModifier) ? Qt::Vertical : Qt::Horizontal);
  });
  connect(this, &QCustomPlot::mouseDoubleClick, this, &OverlayChart::follow);
  connect(this, &QCustomPlot::beforeReplot, this, &OverlayChart::beforeDrawing);
  rebuild();
}

OverlayChart::Curve* OverlayChart::curveOf(const QString& key) const {
  const auto found =
      std::find_if(curves_.begin(), curves_.end(), [&](const auto& curve) { return curve->run.key == key; });
  return found == curves_.end() ? nullptr : found->get();
}

void OverlayChart::setRuns(const QList<OverlayRun>& runs) {
  std::vector<std::unique_ptr<Curve>> next;
  for (const auto& run : runs) {
    const auto known = std::find_if(curves_.begin(), curves_.end(),
                                    [&](const auto& curve) { return curve && curve->run.key == run.key; });
    next.push_back(known == curves_.end() ? std::make_unique<Curve>() : std::move(*known));
    next.back()->run = run;
  }
  curves_ = std::move(next);
  rebuild();
  follow();
}

/// Graphs, pens and legend anew, from the palette in force.
void OverlayChart::rebuild() {
  const ChartColors colors(palette());
  setBackground(colors.background);
  styleAxes({axisRect()}, colors, font());
  clearGraphs();
  steps_ = addGraph();
  steps_->setAdaptiveSampling(false);
  steps_->setAntialiased(false);
  steps_->removeFromLegend();
  steps_->setPen(QPen(colors.faint(colors.curvePen(0).color()), 1.0));
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    auto* graph = curves_[i]->graph = addGraph();
    graph->setAdaptiveSampling(false);  // ours is exact already
    graph->setPen(colors.curvePen(static_cast<int>(i)));
    graph->setName(fontMetrics().elidedText(curves_[i]->run.name, Qt::ElideMiddle, kLegendWidth));
  }
  legend->setVisible(curves_.size() > 1);
  legend->setBrush(colors.background);
  legend->setBorderPen(QPen(colors.grid, 1.0));
  legend->setTextColor(colors.text);
  legend->setFont(font());
  legend->setIconSize(36, 14);
}

void OverlayChart::setHistory(const QString& key, const MetricsHistory& history) {
  auto* curve = curveOf(key);
  if (curve == nullptr) return;
  curve->data.clear();
  append(key, history, 0);
}

void OverlayChart::append(const QString& key, const MetricsHistory& history, std::size_t from) {
  auto* curve = curveOf(key);
  if (curve == nullptr) return;
  for (std::size_t i = from; i < history.size(); ++i) addPoint(curve->data, history, i);
  if (isVisible()) replot(rpQueuedReplot);
}

std::size_t OverlayChart::pointCount(const QString& key) const {
  const auto* curve = curveOf(key);
  return curve == nullptr ? 0 : curve->data.size();
}

bool OverlayChart::isEmpty() const {
  return std::all_of(curves_.begin(), curves_.end(), [](const auto& curve) { return curve->data.size() == 0; });
}

void OverlayChart::setLogY(bool on) {
  fitting_ = true;
  setLogScale(yAxis, on);
  fitting_ = false;
  replot(rpQueuedReplot);
}

void OverlayChart::follow() {
  if (!std::exchange(following_, true)) Q_EMIT followingChanged(true);
  replot(rpQueuedReplot);
}

void OverlayChart::userMoved() {
  if (fitting_) return;
  if (std::exchange(following_, false)) Q_EMIT followingChanged(false);
}

void OverlayChart::beforeDrawing() {
  axisRect()->setVisible(!isEmpty());  // an empty plot has no scale to show
  if (following_) fit();
  chooseTicker(xAxis, true);
  chooseTicker(yAxis, false);
}

void OverlayChart::fit() {
  constexpr double kFarAbove = 20.0;  // of a curve that flies off: shown whole, it would press all others into one line
  std::optional<QCPRange> steps, losses;
  std::vector<QCPRange> ranges;
  const auto widen = [](std::optional<QCPRange>& range, const QCPRange& more) {
    range ? range->expand(more) : static_cast<void>(range = more);
  };
  for (const auto& curve : curves_) {
    const auto& shown = curves_.size() == 1 ? curve->data.raw() : curve->data.smooth();
    if (shown.empty()) continue;
    const QCPRange all(shown.x(0), shown.x(shown.size() - 1));
    widen(steps, all);
    if (const auto range = valueRange(shown, all, isLog(yAxis))) ranges.push_back(*range);
  }
  const auto lowest = std::ranges::min_element(ranges, {}, &QCPRange::upper);
  for (const auto& range : ranges) {
    const bool fliesOff = !isLog(yAxis) && lowest->upper > 0.0 && range.upper > kFarAbove * lowest->upper;
    if (!fliesOff) widen(losses, range);
  }
  fitting_ = true;
  if (steps) xAxis->setRange(paddedRange(steps->lower, steps->upper, false, 0.01));
  if (losses) yAxis->setRange(*losses);
  fitting_ = false;
}

// Within replot(), after beforeReplot: only now is it known how many pixel columns the axis has.
void OverlayChart::updateLayout() {
  QCustomPlot::updateLayout();
  if (steps_ == nullptr) return;
  const auto edges = columnEdges(xAxis, devicePixelRatioF());
  const bool alone = curves_.size() == 1;
  steps_->setVisible(alone);
  if (alone) fill(steps_, curves_.front()->data.raw(), edges);
  for (const auto& curve : curves_) {
    fill(curve->graph, curve->data.smooth(), edges);
    curve->graph->setScatterStyle(
        QCPScatterStyle(curve->data.size() == 1 ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssNone, 4.0));
  }
}

void OverlayChart::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange) return;
  rebuild();
  replot(rpQueuedReplot);
}

void OverlayChart::keyPressEvent(QKeyEvent* event) {
  const auto move = [this](double share) { xAxis->moveRange(share * xAxis->range().size()); };
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: xAxis->scaleRange(0.8); break;
    case Qt::Key_Minus: xAxis->scaleRange(1.25); break;
    case Qt::Key_Left: move(-0.1); break;
    case Qt::Key_Right: move(0.1); break;
    case Qt::Key_Home: follow(); return;
    default: QCustomPlot::keyPressEvent(event); return;
  }
  replot(rpQueuedReplot);
}

void OverlayChart::showEvent(QShowEvent* event) {
  QCustomPlot::showEvent(event);
  replot(rpQueuedReplot);
}

}  // namespace dw::ui
