// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/timestep_chart.h"

#include <algorithm>
#include <cmath>

#include "plots/chart_colors.h"
#include "plots/heat_colors.h"
#include "plots/loss_axes.h"

namespace dw::ui {
namespace {

constexpr int kBins = TimestepHistory::kBins;
constexpr std::int64_t kDrawnColumns = 96;  // more would be narrower than they are noisy
constexpr int kWide = 620;                  // pixels; below this the curve stands under the map
constexpr std::int64_t kThenSteps = 100;
constexpr std::size_t kNowSteps = 500;

}  // namespace

TimestepChart::TimestepChart(QWidget* parent) : QCustomPlot(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  build();
  applyColors();
  paced_.setSingleShot(true);
  connect(&paced_, &QTimer::timeout, this, [this] { replot(rpQueuedReplot); });
  connect(this, &QCustomPlot::beforeReplot, this, &TimestepChart::beforeDrawing);
  connect(this, &QCustomPlot::afterReplot, this, [this] {
    governor_.measured(static_cast<double>(drawing_.nsecsElapsed()) * 1e-6);
    sinceDrawing_.restart();
    Q_EMIT drawn();
  });
  connect(this, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { pointAt(event->pos()); });
  connect(this, &QCustomPlot::mousePress, this, [this] {
    if (hovered_) Q_EMIT stepChosen((hovered_->column.first + hovered_->column.last) / 2);
  });
}

void TimestepChart::build() {
  plotLayout()->clear();
  mapRect_ = new QCPAxisRect(this);
  curveRect_ = new QCPAxisRect(this);
  scale_ = new QCPColorScale(this);
  map_ = new QCPColorMap(mapRect_->axis(QCPAxis::atBottom), mapRect_->axis(QCPAxis::atLeft));
  map_->setInterpolate(false);
  map_->setTightBoundary(false);
  map_->setColorScale(scale_);
  scale_->setType(QCPAxis::atRight);
  scale_->setBarWidth(12);
  scale_->setRangeDrag(false);
  scale_->setRangeZoom(false);
  mapRect_->axis(QCPAxis::atBottom)->setLabel(tr("step"));
  mapRect_->axis(QCPAxis::atLeft)->setLabel(tr("timestep t (0: hardly any noise)"));
  curveRect_->axis(QCPAxis::atBottom)->setLabel(tr("timestep t"));
  curveRect_->axis(QCPAxis::atLeft)->setLabel(tr("loss"));
  for (auto* rect : {mapRect_, curveRect_}) rect->setMinimumMargins(QMargins(8, 8, 8, 4));
  const auto curve = [this] {
    auto* graph = addGraph(curveRect_->axis(QCPAxis::atBottom), curveRect_->axis(QCPAxis::atLeft));
    graph->setAdaptiveSampling(false);
    graph->setSelectable(QCP::stNone);
    return graph;
  };
  thenCurve_ = curve();
  nowCurve_ = curve();
  arrange(true);
}

void TimestepChart::arrange(bool wide) {
  wide_ = wide;
  auto* grid = plotLayout();
  for (QCPLayoutElement* element : std::initializer_list<QCPLayoutElement*>{mapRect_, scale_, curveRect_}) {
    if (element->layout() == grid) grid->take(element);
  }
  grid->simplify();
  grid->addElement(0, 0, mapRect_);
  grid->addElement(0, 1, scale_);
  grid->addElement(wide ? 0 : 1, wide ? 2 : 0, curveRect_);
  grid->setColumnStretchFactors(wide ? QList<double>{3.0, 0.01, 2.0} : QList<double>{3.0, 0.01});
}

void TimestepChart::setHistory(const TimestepHistory* history, int timesteps) {
  history_ = history;
  timesteps_ = std::max(1, timesteps);
  hovered_.reset();
  then_.reset();
  dataChanged();
}

void TimestepChart::dataChanged() {
  if (!isVisible() || paced_.isActive()) return;
  const double since = sinceDrawing_.isValid() ? static_cast<double>(sinceDrawing_.elapsed()) : 1e9;
  paced_.start(static_cast<int>(governor_.waitMs(since, false)));
}

void TimestepChart::setColors(Colors colors) {
  colors_ = colors;
  applyColors();
  replot(rpQueuedReplot);
}

void TimestepChart::setLogScale(bool on) {
  log_ = on;
  replot(rpQueuedReplot);
}

void TimestepChart::setThen(std::optional<std::int64_t> step) {
  then_ = step;
  replot(rpQueuedReplot);
}

TimestepHistory::Sums TimestepChart::now() const {
  return history_ != nullptr ? history_->newest(kNowSteps) : TimestepHistory::Sums{};
}

TimestepHistory::Sums TimestepChart::then() const {
  return history_ != nullptr ? history_->around(then_.value_or(1), kThenSteps) : TimestepHistory::Sums{};
}

std::int64_t TimestepChart::stepsPerColumn() const {
  const auto stride = history_->stride();
  const auto all = (history_->lastStep() - 1) / stride + 1;
  return stride * std::max<std::int64_t>(1, (all + kDrawnColumns - 1) / kDrawnColumns);
}

std::vector<TimestepHistory::Sums> TimestepChart::drawnColumns() const {
  std::vector<TimestepHistory::Sums> drawn;
  if (history_ == nullptr || history_->empty()) return drawn;
  // Every cell of the map is as wide as the others: columns of the run that are missing leave a gap.
  const auto width = stepsPerColumn();
  drawn.resize(static_cast<std::size_t>((history_->lastStep() - 1) / width + 1));
  for (const auto& column : history_->columns())
    drawn[static_cast<std::size_t>((column.first - 1) / width)].add(column);
  return drawn;
}

double TimestepChart::shown(const TimestepHistory::Sums& column, int bin, const TimestepHistory::Sums& first) const {
  const double loss = column.mean(bin);
  if (colors_ == Colors::Change) {
    const double ratio = loss / first.mean(bin);
    return ratio > 0.0 ? std::log2(ratio) : std::nan("");
  }
  return log_ && !(loss > 0.0) ? std::nan("") : loss;
}

void TimestepChart::fillMap(const std::vector<TimestepHistory::Sums>& columns) {
  auto* cells = map_->data();
  const int width = static_cast<int>(columns.size());
  cells->setSize(width, kBins);
  const auto first = history_->around(1, kThenSteps);
  double low = 1e300, high = -1e300;
  for (int x = 0; x < width; ++x) {
    for (int bin = 0; bin < kBins; ++bin) {
      const double value = shown(columns[static_cast<std::size_t>(x)], bin, first);
      cells->setCell(x, bin, value);
      if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
    }
  }
  const auto perColumn = static_cast<double>(stepsPerColumn());
  const double perBin = static_cast<double>(timesteps_) / kBins;
  // Ranges of a colour map end at the middles of its outer cells.
  cells->setRange(QCPRange(0.5 * perColumn, (width - 0.5) * perColumn), QCPRange(0.5 * perBin, (kBins - 0.5) * perBin));
  mapRect_->axis(QCPAxis::atBottom)->setRange(0.0, width * perColumn);
  if (low > high) low = 0.1, high = 1.0;
  const bool change = colors_ == Colors::Change;
  const bool log = log_ && !change;
  scale_->setDataScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  if (change) {
    const double most = std::max({std::abs(low), std::abs(high), 0.1});
    scale_->setDataRange(QCPRange(-most, most));
  } else {
    scale_->setDataRange(high > low ? QCPRange(low, high) : paddedRange(low, high, log, 0.05));
  }
  scale_->axis()->setLabel(change ? tr("doublings since the start (below 0: better)") : tr("mean loss"));
  chooseTicker(scale_->axis(), false);
}

void TimestepChart::fillCurve(QCPGraph* graph, const TimestepHistory::Sums& sums) {
  QVector<QCPGraphData> points;
  const double perBin = static_cast<double>(timesteps_) / kBins;
  for (int bin = 0; bin < kBins; ++bin) {
    const double loss = sums.mean(bin);
    if (std::isfinite(loss) && (!log_ || loss > 0.0)) points.append({(bin + 0.5) * perBin, loss});
  }
  graph->data()->set(points, true);
}

void TimestepChart::beforeDrawing() {
  drawing_.start();
  const bool any = history_ != nullptr && !history_->empty();
  for (auto* rect : {mapRect_, curveRect_}) rect->setVisible(any);
  scale_->setVisible(any);
  map_->setVisible(any);
  drawn_ = drawnColumns();
  if (!any) return;
  fillMap(drawn_);
  fillCurve(nowCurve_, now());
  fillCurve(thenCurve_, then());
  auto* y = curveRect_->axis(QCPAxis::atLeft);
  dw::ui::setLogScale(y, log_);
  bool found = false, foundMore = false;
  auto range = nowCurve_->getValueRange(found);
  const auto more = thenCurve_->getValueRange(foundMore);
  if (found && foundMore) range.expand(more);
  if (found) y->setRange(log_ ? paddedRange(range.lower, range.upper, true, 0.08) : QCPRange(0.0, range.upper * 1.08));
  mapRect_->axis(QCPAxis::atLeft)->setRange(0.0, timesteps_);
  curveRect_->axis(QCPAxis::atBottom)->setRange(0.0, timesteps_);
  for (auto* axis :
       {mapRect_->axis(QCPAxis::atBottom), mapRect_->axis(QCPAxis::atLeft), curveRect_->axis(QCPAxis::atBottom)})
    chooseTicker(axis, true);
  chooseTicker(y, false);
}

void TimestepChart::applyColors() {
  const ChartColors colors(palette());
  setBackground(colors.background);
  styleAxes({mapRect_, curveRect_}, colors, font());
  styleAxes({scale_->axis()->axisRect()}, colors, font());
  const auto gradient = colors_ == Colors::Change ? divergingColors(colors.background) : sequentialColors();
  map_->setGradient(gradient);
  nowCurve_->setPen(QPen(colors.smooth, 2.0));
  nowCurve_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, 5.0));
  thenCurve_->setPen(QPen(colors.lr, 1.5, Qt::DashLine));
}

void TimestepChart::pointAt(const QPoint& mouse) {
  const bool had = hovered_.has_value();
  hovered_.reset();
  if (!drawn_.empty() && mapRect_->rect().contains(mouse)) {
    const double x = mapRect_->axis(QCPAxis::atBottom)->pixelToCoord(mouse.x()) / static_cast<double>(stepsPerColumn());
    const double y = mapRect_->axis(QCPAxis::atLeft)->pixelToCoord(mouse.y()) / timesteps_ * kBins;
    const auto column = std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(std::floor(x)), 0,
                                                   static_cast<std::ptrdiff_t>(drawn_.size()) - 1);
    hovered_ =
        Cell{drawn_[static_cast<std::size_t>(column)], std::clamp(static_cast<int>(std::floor(y)), 0, kBins - 1)};
  }
  if (had || hovered_) Q_EMIT hoverChanged();
}

void TimestepChart::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange) return;
  applyColors();
  replot(rpQueuedReplot);
}

void TimestepChart::resizeEvent(QResizeEvent* event) {
  const bool wide = event->size().width() >= kWide;
  if (wide != wide_) arrange(wide);
  QCustomPlot::resizeEvent(event);
}

void TimestepChart::showEvent(QShowEvent* event) {
  QCustomPlot::showEvent(event);
  replot(rpQueuedReplot);
}

void TimestepChart::leaveEvent(QEvent* event) {
  QCustomPlot::leaveEvent(event);
  pointAt(QPoint(-1, -1));
}

}  // namespace dw::ui
