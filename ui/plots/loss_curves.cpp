// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_curves.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "plots/chart_colors.h"
#include "plots/loss_axes.h"

namespace dw::ui {
namespace {

constexpr double kFlagReach = 6.0;  // pixels

QString tr(const char* text, int n = -1) { return QCoreApplication::translate("LossCurves", text, nullptr, n); }

}  // namespace

LossCurves::LossCurves(QCustomPlot* plot, QCPAxisRect* loss, QCPAxisRect* rate)
    : plot_(plot), lossX_(loss->axis(QCPAxis::atBottom)), lossY_(loss->axis(QCPAxis::atLeft)),
      rateX_(rate->axis(QCPAxis::atBottom)), rateY_(rate->axis(QCPAxis::atLeft)), gradY_(rate->axis(QCPAxis::atRight)),
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
  for (auto* curve : {smooth_, validation_, aheadCurve_}) curve->setAntialiased(true);
  above_ = note(Qt::AlignTop | Qt::AlignHCenter, 0.5, 0.0);
  below_ = note(Qt::AlignBottom | Qt::AlignHCenter, 0.5, 1.0);
  thinned_ = note(Qt::AlignBottom | Qt::AlignLeft, 0.01, 0.99);
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
  for (auto* text : {above_, below_, thinned_}) {
    text->setColor(colors.quietText);
    text->setBrush(colors.background);
    text->setFont(small);
  }
}

void LossCurves::fill(const LossData& data, double pixelRatio) {
  const auto edges = columnEdges(lossX_, pixelRatio);
  ui::fill(raw_, data.raw(), edges);
  ui::fill(smooth_, data.smooth(), edges);
  ui::fill(validation_, data.validation(), edges);
  ui::fill(rate_, data.lr(), edges);
  ui::fill(gradNorm_, data.gradNorm(), edges);
  smooth_->setVisible(data.window() > 1.0);
  // A curve of one point has no line to show.
  const auto mark = data.size() == 1 ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssNone;
  for (auto* curve : {raw_, rate_}) curve->setScatterStyle(QCPScatterStyle(mark, 4.0));
  validation_->setScatterStyle(QCPScatterStyle(data.validation().size() < 200 ? QCPScatterStyle::ssDiamond : QCPScatterStyle::ssNone, 6.0));
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
  outside_ = last > first ? raw.countOutside(first, last, lossY_->range().lower, lossY_->range().upper) : MinMaxSeries::Outside{};
  const QLocale locale;
  const auto show = [&](QCPItemText* text, std::size_t count, const QString& words) {
    text->setVisible(count > 0);
    text->setText(words.arg(locale.toString(static_cast<qulonglong>(count))));
  };
  show(above_, outside_.above, QStringLiteral("\u25B2 ") + tr("%1 steps above"));
  show(below_, outside_.below, QStringLiteral("\u25BC ") + tr("%1 steps below"));
  const double perPixel = static_cast<double>(last - first) / std::max(1.0, lossX_->axisRect()->width() * pixelRatio);
  constexpr double kThinned = 2.0;
  thinned_->setVisible(last > first && perPixel >= kThinned);
  thinned_->setText(tr("%1 steps, %2 a pixel: least and greatest of each are drawn")
                        .arg(locale.toString(static_cast<qulonglong>(last - first)), locale.toString(std::round(perPixel), 'f', 0)));
}

void LossCurves::fitRates(const LossData& data) {
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
  rateY_->setRange(0.0, rate > 0.0 ? rate * 1.15 : 1.0);
  gradY_->setRange(0.0, norm > 0.0 && std::isfinite(norm) ? norm * 1.15 : 1.0);
}

QString LossCurves::flagsNear(const LossData& data, double pixelX) const {
  QStringList near;
  for (const auto& flag : flags_) {
    if (std::abs(lossX_->coordToPixel(data.xOf(static_cast<double>(flag.step))) - pixelX) <= kFlagReach) near.append(flag.text);
  }
  constexpr qsizetype kShown = 3;
  if (near.size() > kShown) near = QStringList(near.mid(0, kShown)) << tr("and %1 more").arg(near.size() - kShown);
  return near.join(QStringLiteral("; "));
}

}  // namespace dw::ui
