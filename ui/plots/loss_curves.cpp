// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_curves.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "numbers/number_text.h"
#include "plots/chart_colors.h"
#include "plots/loss_axes.h"
#include "plots/loss_explanations.h"

namespace dw::ui {
namespace {

constexpr double kFlagReach = 6.0;  // pixels

QString tr(const char* text, int n = -1) { return QCoreApplication::translate("LossCurves", text, nullptr, n); }

/// Of the points [first, last): the spike that stands out most.
const Spike& strongest(const LossData& data, std::size_t first, std::size_t last) {
  const auto z = [&data](std::size_t point) {
    return std::max(data.spikeAt(point).lossZ, data.spikeAt(point).gradNormZ);
  };
  auto best = first;
  for (auto i = first + 1; i < last; ++i) {
    if (z(i) > z(best)) best = i;
  }
  return data.spikeAt(best);
}

}  // namespace

LossCurves::LossCurves(QCustomPlot* plot, QCPAxisRect* loss, QCPAxisRect* rate)
    : plot_(plot),
      lossX_(loss->axis(QCPAxis::atBottom)),
      lossY_(loss->axis(QCPAxis::atLeft)),
      rateX_(rate->axis(QCPAxis::atBottom)),
      rateY_(rate->axis(QCPAxis::atLeft)),
      gradY_(rate->axis(QCPAxis::atRight)),
      flagY_(loss->axis(QCPAxis::atRight)) {
  flagY_->setRange(0.0, 1.0);
  gradY_->setVisible(true);
  gradY_->setLabel(tr("grad norm"));
  gradY_->ticker()->setTickCount(2);
  gradY_->grid()->setVisible(false);
  flagCurve_ = graph(lossX_, flagY_, tr("applied commands"));
  flagCurve_->setLineStyle(QCPGraph::lsImpulse);
  raw_ = graph(lossX_, lossY_, tr("each step"));
  smooth_ = graph(lossX_, lossY_, tr("smoothed"));
  validation_ = graph(lossX_, lossY_, tr("validation"));
  gradNorm_ = graph(rateX_, gradY_, tr("grad norm"));
  aheadCurve_ = graph(rateX_, rateY_, tr("planned learning rate"));
  rate_ = graph(rateX_, rateY_, tr("learning rate"));
  buildUnder(rate);
  for (auto* curve : {smooth_, validation_, aheadCurve_, updateRatio_, spikes_}) curve->setAntialiased(true);
  above_ = note(Qt::AlignTop | Qt::AlignHCenter, 0.5, 0.0);
  below_ = note(Qt::AlignBottom | Qt::AlignHCenter, 0.5, 1.0);
  thinned_ = note(Qt::AlignBottom | Qt::AlignLeft, 0.01, 0.99);
  setUnder(UnderCurve::GradNorm);
}

// The ratio has an axis of its own, because a rule of thumb about 1e-3 can only be judged on a logarithmic one.
void LossCurves::buildUnder(QCPAxisRect* rate) {
  ratioY_ = rate->addAxis(QCPAxis::atRight);
  ratioY_->setLayer(QStringLiteral("axes"));
  ratioY_->grid()->setVisible(false);
  ratioY_->setLabel(tr("update / weight"));
  setLogScale(ratioY_, true);
  guide_ = graph(rateX_, ratioY_, tr("usual update / weight"));
  updateRatio_ = graph(rateX_, ratioY_, tr("update / weight"));
  spikes_ = graph(lossX_, lossY_, tr("spikes"));
  spikes_->setLineStyle(QCPGraph::lsNone);
  guideText_ = note(Qt::AlignBottom | Qt::AlignLeft, 0.01, 0.0);
  guideText_->position->setAxisRect(rate);
  guideText_->position->setAxes(rateX_, ratioY_);
  guideText_->position->setTypeY(QCPItemPosition::ptPlotCoords);
  guideText_->position->setCoords(0.01, kUsualUpdateRatio);
  guideText_->setText(tr("about 1e-3: usual"));
}

void LossCurves::setUnder(UnderCurve which) {
  under_ = which;
  const bool ratio = which == UnderCurve::UpdateRatio;
  gradY_->setVisible(!ratio);
  gradNorm_->setVisible(!ratio);
  ratioY_->setVisible(ratio);
  updateRatio_->setVisible(ratio);
}

QCPGraph* LossCurves::graph(QCPAxis* x, QCPAxis* y, const QString& name) {
  auto* made = plot_->addGraph(x, y);
  made->setAdaptiveSampling(false);  // ours is exact already
  made->setAntialiased(false);
  made->setName(name);
  made->setSelectable(QCP::stNone);
  return made;
}

QCPItemText* LossCurves::note(Qt::Alignment where, double x, double y) {
  auto* text = new QCPItemText(plot_);
  text->position->setAxisRect(lossX_->axisRect());
  text->position->setAxes(lossX_, lossY_);
  text->position->setType(QCPItemPosition::ptAxisRectRatio);
  text->position->setCoords(x, y);
  text->setPositionAlignment(where);
  text->setClipToAxisRect(false);
  text->setSelectable(false);
  text->setPadding(QMargins(4, 1, 4, 1));
  return text;
}

void LossCurves::applyColors(const ChartColors& colors, const QFont& font) {
  raw_->setPen(QPen(colors.raw, 1.0));
  smooth_->setPen(QPen(colors.smooth, 2.0));
  validation_->setPen(colors.curvePen(2));
  rate_->setPen(QPen(colors.lr, 1.5, Qt::DashLine));
  aheadCurve_->setPen(QPen(colors.lr, 1.5, Qt::DotLine));
  gradNorm_->setPen(QPen(colors.faint(colors.curvePen(3).color()), 1.0));
  gradY_->setLabelColor(colors.curvePen(3).color());
  flagCurve_->setPen(QPen(colors.quietText, 1.0, Qt::DotLine));
  flagCurve_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssTriangleInverted, colors.lr, colors.lr, 8.0));
  QFont small = font;
  if (font.pointSizeF() > 0) small.setPointSizeF(font.pointSizeF() * 0.9);
  ratioPen_ = colors.curvePen(4);
  ratioY_->setLabelColor(colors.curvePen(4).color());
  guide_->setPen(QPen(colors.quietText, 1.0, Qt::DotLine));
  spikes_->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colors.curvePen(5).color(), 1.5), Qt::NoBrush, 9.0));
  for (auto* text : {above_, below_, thinned_, guideText_}) {
    text->setColor(colors.quietText);
    text->setBrush(colors.background);
    text->setFont(small);
  }
}

void LossCurves::fill(const LossData& data, double pixelRatio) {
  const auto edges = columnEdges(lossX_, pixelRatio);
  const auto bounds = data.raw().columns(edges);  // these four stand at the same x
  fillColumns(raw_, data.raw(), bounds);
  fillColumns(smooth_, data.smooth(), bounds);
  fillSteady(rate_, data.lr(), bounds);
  if (under_ == UnderCurve::GradNorm) fillColumns(gradNorm_, data.gradNorm(), bounds);
  ui::fill(validation_, data.validation(), edges);
  fillUpdateRatio(data, edges);
  fillSpikes(data, edges);
  smooth_->setAntialiased(!isBand(smooth_, edges.size()));
  smooth_->setVisible(data.window() > 1.0);
  // A curve of one point has no line to show.
  const auto mark = data.size() == 1 ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssNone;
  for (auto* curve : {raw_, rate_}) curve->setScatterStyle(QCPScatterStyle(mark, 4.0));
  validation_->setScatterStyle(
      QCPScatterStyle(data.validation().size() < 200 ? QCPScatterStyle::ssDiamond : QCPScatterStyle::ssNone, 6.0));
  fillFlags(data);
  fillAhead(data);
  fillNotes(data, pixelRatio);
}

void LossCurves::fillFlags(const LossData& data) {
  constexpr double kHeight = 0.97;  // of the axis rect
  QVector<QCPGraphData> points;
  for (const auto& flag : flags_) {
    const double x = data.xOf(static_cast<double>(flag.step));
    if (x > 0.0 || !isLog(lossX_)) points.append({x, kHeight});
  }
  flagCurve_->data()->set(points, false);
}

void LossCurves::fillAhead(const LossData& data) {
  QVector<QCPGraphData> points;
  const double now = data.size() > 0 ? static_cast<double>(data.step(data.size() - 1)) : 0.0;
  for (const auto& point : ahead_) {
    if (point.x >= now) points.append({data.xOf(point.x), point.y});
  }
  aheadCurve_->data()->set(points, true);
}

void LossCurves::fillNotes(const LossData& data, double pixelRatio) {
  const auto& raw = data.raw();
  const auto range = lossX_->range();
  const auto first = raw.lowerBound(range.lower);
  const auto last = raw.lowerBound(std::nextafter(range.upper, HUGE_VAL));
  outside_ = last > first ? raw.countOutside(first, last, lossY_->range().lower, lossY_->range().upper)
                          : MinMaxSeries::Outside{};
  const auto show = [](QCPItemText* text, std::int64_t steps, const QString& words) {
    text->setVisible(steps > 0);
    text->setText(words.arg(count(steps)));
  };
  const auto above = static_cast<std::int64_t>(outside_.above), below = static_cast<std::int64_t>(outside_.below);
  show(above_, above,
       QStringLiteral("\u25B2 ") + QCoreApplication::translate("LossCurves", "%1 steps above", nullptr, plural(above)));
  show(below_, below,
       QStringLiteral("\u25BC ") + QCoreApplication::translate("LossCurves", "%1 steps below", nullptr, plural(below)));
  const double perPixel = static_cast<double>(last - first) / std::max(1.0, lossX_->axisRect()->width() * pixelRatio);
  constexpr double kThinned = 2.0;
  thinned_->setVisible(last > first && perPixel >= kThinned);
  thinned_->setText(tr("%1 steps, %2 a pixel: least and greatest of each are drawn")
                        .arg(count(static_cast<std::int64_t>(last - first)), count(std::llround(perPixel))));
}

void LossCurves::fitRates(const LossData& data, bool keepRate) {
  const auto range = rateX_->range();
  const auto top = [&range](const MinMaxSeries& series) {
    const auto first = series.lowerBound(range.lower);
    const auto last = series.lowerBound(std::nextafter(range.upper, HUGE_VAL));
    return last > first ? series.y(series.extremes(first, last).max) : 0.0;
  };
  double rate = top(data.lr());
  for (const auto& point : ahead_) {
    if (range.contains(data.xOf(point.x))) rate = std::max(rate, point.y);
  }
  const double norm = top(data.gradNorm());
  if (!keepRate) rateY_->setRange(0.0, rate > 0.0 ? rate * 1.15 : 1.0);
  gradY_->setRange(0.0, norm > 0.0 && std::isfinite(norm) ? norm * 1.15 : 1.0);
  if (under_ == UnderCurve::UpdateRatio) fitUpdateRatio(data);
}

// The guide line is always in view: without it the curve says nothing to who does not know the usual size.
void LossCurves::fitUpdateRatio(const LossData& data) {
  QCPRange range(kUsualUpdateRatio / 4.0, kUsualUpdateRatio * 4.0);
  const auto found = valueRange(data.updateRatio(), rateX_->range(), true);
  if (found && std::isfinite(found->upper)) range.expand(*found);
  ratioY_->setRange(range);
  chooseTicker(ratioY_, false);
}

void LossCurves::fillUpdateRatio(const LossData& data, const std::vector<double>& edges) {
  const bool shown = under_ == UnderCurve::UpdateRatio && !data.updateRatio().empty();
  guide_->setVisible(shown);
  guideText_->setVisible(shown);
  if (under_ != UnderCurve::UpdateRatio) return;
  ui::fill(updateRatio_, data.updateRatio(), edges);
  guide_->data()->set({{rateX_->range().lower, kUsualUpdateRatio}, {rateX_->range().upper, kUsualUpdateRatio}}, true);
  // As with the raw curve: one point has no line, and a band needs no smooth edges.
  updateRatio_->setScatterStyle(
      QCPScatterStyle(data.updateRatio().size() < 2 ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssNone, 4.0));
  const bool band = isBand(updateRatio_, edges.size());
  updateRatio_->setAntialiased(!band);
  updateRatio_->setPen(band ? QPen(ratioPen_.color(), 1.0) : ratioPen_);
}

// A ring for each pixel column that has spikes, at the highest of them; beyond the edge, at the edge.
void LossCurves::fillSpikes(const LossData& data, std::span<const double> edges) {
  const auto& points = data.spikePoints();
  QVector<QCPGraphData> rings;
  const auto range = lossY_->range();
  const auto bounds = points.columns(edges);
  for (std::size_t column = 1; column < bounds.size(); ++column) {
    if (bounds[column] == bounds[column - 1]) continue;
    const auto top = points.extremes(bounds[column - 1], bounds[column]).max;
    if (std::isfinite(points.y(top)))
      rings.append({points.x(top), std::clamp(points.y(top), range.lower, range.upper)});
  }
  spikes_->data()->set(rings, true);
}

std::size_t LossCurves::spikesDrawn() const { return static_cast<std::size_t>(spikes_->data()->size()); }

std::pair<std::size_t, std::size_t> LossCurves::spikesAround(const LossData& data, double pixelX) const {
  const auto& points = data.spikePoints();
  const double from = lossX_->pixelToCoord(pixelX - kFlagReach), to = lossX_->pixelToCoord(pixelX + kFlagReach);
  return {points.lowerBound(from), points.lowerBound(std::nextafter(to, HUGE_VAL))};
}

QString LossCurves::spikesNear(const LossData& data, double pixelX) const {
  const auto [first, last] = spikesAround(data, pixelX);
  if (first >= last) return {};
  return spikeText(strongest(data, first, last), last - first - 1);
}

QString LossCurves::explanationAt(const LossData& data, const QPointF& mouse) const {
  if (lossX_->axisRect()->rect().contains(mouse.toPoint())) {
    const auto [first, last] = spikesAround(data, mouse.x());
    return first < last ? spikeExplained(strongest(data, first, last)) : QString();
  }
  const bool under = rateX_->axisRect()->rect().contains(mouse.toPoint());
  return under && guide_->visible() ? updateRatioExplained() : QString();
}

QString LossCurves::flagsNear(const LossData& data, double pixelX) const {
  QStringList near;
  for (const auto& flag : flags_) {
    if (std::abs(lossX_->coordToPixel(data.xOf(static_cast<double>(flag.step))) - pixelX) <= kFlagReach)
      near.append(flag.text);
  }
  constexpr qsizetype kShown = 3;
  if (near.size() > kShown) near = QStringList(near.mid(0, kShown)) << tr("and %1 more").arg(near.size() - kShown);
  return near.join(QStringLiteral("; "));
}

}  // namespace dw::ui
