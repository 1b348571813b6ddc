// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_axes.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dw::ui {
namespace {

/// Steps are counted: no tick between two whole numbers.
class WholeTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override { return std::max(1.0, QCPAxisTicker::getTickStep(range)); }
  int getSubTickCount(double tickStep) override {
    return tickStep <= 1.0 ? 0 : QCPAxisTicker::getSubTickCount(tickStep);
  }
};

/// Labels with as many decimals as the distance of two ticks needs, the same on each: 1.000, 1.005, 1.010. A fixed number
/// of significant digits would write 1.01 on three ticks of a narrow range.
class EvenTicker : public QCPAxisTicker {
 protected:
  double getTickStep(const QCPRange& range) override { return step_ = QCPAxisTicker::getTickStep(range); }
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override {
    constexpr int kMost = 6;
    int decimals = 0;
    double scaled = step_;
    for (; decimals <= kMost && std::abs(scaled - std::round(scaled)) > 1e-6 * scaled; ++decimals) scaled *= 10.0;
    // Very small and very large numbers are clearer as powers of ten.
    if (decimals > kMost || std::abs(tick) >= 1e6) return QCPAxisTicker::getTickLabel(tick, locale, format, precision);
    return locale.toString(tick, 'f', decimals);
  }

 private:
  double step_ = 1.0;
};

constexpr double kDecadesForPowers = 1.5;  // a shorter logarithmic range would show one label or none

template <class Ticker>
void useTicker(QCPAxis* axis, bool isIt, int ticks) {
  if (isIt) return;
  auto ticker = QSharedPointer<Ticker>::create();
  ticker->setTickCount(ticks);
  axis->setTicker(ticker);
}

}  // namespace

void styleAxes(const QList<QCPAxisRect*>& rects, const ChartColors& colors, const QFont& font) {
  QFont small = font;
  if (font.pointSizeF() > 0) small.setPointSizeF(font.pointSizeF() * 0.9);
  for (auto* rect : rects) {
    for (auto* axis : rect->axes()) {
      const QPen line(colors.frame, 1.0);
      axis->setBasePen(line);
      axis->setTickPen(line);
      axis->setSubTickPen(Qt::NoPen);
      axis->setTickLabelColor(colors.quietText);
      axis->setLabelColor(colors.quietText);
      axis->setTickLabelFont(small);
      axis->setLabelFont(small);
      axis->grid()->setPen(QPen(colors.grid, 1.0));
      axis->grid()->setZeroLinePen(QPen(colors.grid, 1.0));
    }
  }
}

void setLogScale(QCPAxis* axis, bool on) { axis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear); }

bool isLog(const QCPAxis* axis) { return axis->scaleType() == QCPAxis::stLogarithmic; }

void chooseTicker(QCPAxis* axis, bool wholeNumbers) {
  const auto range = axis->range();
  const bool powers = isLog(axis) && range.lower > 0.0 && std::log10(range.upper / range.lower) > kDecadesForPowers;
  const auto* now = axis->ticker().data();
  const bool nowPowers = dynamic_cast<const QCPAxisTickerLog*>(now) != nullptr;
  const bool nowWhole = dynamic_cast<const WholeTicker*>(now) != nullptr;
  const bool nowEven = dynamic_cast<const EvenTicker*>(now) != nullptr;
  if (powers) {
    useTicker<QCPAxisTickerLog>(axis, nowPowers, 5);
  } else if (wholeNumbers) {
    useTicker<WholeTicker>(axis, nowWhole, 6);
  } else {
    useTicker<EvenTicker>(axis, nowEven, 5);
  }
  axis->setNumberFormat(wholeNumbers && !(powers && range.upper >= 1e6) ? QStringLiteral("f") : QStringLiteral("gb"));
  axis->setNumberPrecision(wholeNumbers ? 0 : 3);
}

QCPRange paddedRange(double low, double high, bool log, double share) {
  if (log) {
    const double factor = high > low ? std::pow(high / low, share) : 1.5;
    return {low / factor, high * factor};
  }
  const double pad = high > low ? (high - low) * share : std::max(0.5, std::abs(high) * 0.1);
  return {low - pad, high + pad};
}

std::optional<QCPRange> valueRange(const MinMaxSeries& series, const QCPRange& steps, bool log) {
  const auto first = series.lowerBound(steps.lower);
  const auto last = series.lowerBound(std::nextafter(steps.upper, HUGE_VAL));
  if (last <= first) return std::nullopt;
  const auto found = series.extremes(first, last);
  double low = series.y(found.min);
  const double high = series.y(found.max);
  if (!log) return paddedRange(low, high, false, 0.05);
  if (!(high > 0.0)) return std::nullopt;
  if (!(low > 0.0)) low = high * 1e-6;  // zero has no place on a logarithmic axis; the page says how many are not shown
  return paddedRange(low, high, true, 0.05);
}

std::vector<double> columnEdges(const QCPAxis* axis, double pixelRatio) {
  const auto* rect = axis->axisRect();
  const int columns = std::max(1, static_cast<int>(std::lround(rect->width() * pixelRatio)));
  std::vector<double> edges(static_cast<std::size_t>(columns) + 1);
  for (int i = 0; i <= columns; ++i) {
    edges[static_cast<std::size_t>(i)] = axis->pixelToCoord(rect->left() + i / pixelRatio);
  }
  // Rounding may swap two edges of a deep zoom.
  if (!std::is_sorted(edges.begin(), edges.end())) std::sort(edges.begin(), edges.end());
  return edges;
}

namespace {

void setPoints(QCPGraph* graph, const std::vector<PlotPoint>& points) {
  QVector<QCPGraphData> data;
  data.reserve(static_cast<qsizetype>(points.size()));
  const bool logY = isLog(graph->valueAxis());
  for (const auto& p : points) {
    if (!logY || p.y > 0.0) data.append({p.x, p.y});
  }
  graph->data()->set(data, true);
}

}  // namespace

void fill(QCPGraph* graph, const MinMaxSeries& series, const std::vector<double>& edges) {
  setPoints(graph, series.decimate(edges));
}

void fillColumns(QCPGraph* graph, const MinMaxSeries& series, std::span<const std::size_t> bounds) {
  setPoints(graph, series.decimateColumns(bounds));
}

void fillSteady(QCPGraph* graph, const MinMaxSeries& series, std::span<const std::size_t> bounds) {
  constexpr double kUnseen = 0.25;  // pixels
  const auto points = series.decimateColumns(bounds);
  std::vector<PlotPoint> kept;
  const auto heightOf = [axis = graph->valueAxis()](const PlotPoint& p) { return axis->coordToPixel(p.y); };
  double level = 0.0;  // where the present stretch began
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool flat = !kept.empty() && i + 1 < points.size() && std::abs(heightOf(points[i]) - level) < kUnseen &&
                      std::abs(heightOf(points[i + 1]) - level) < kUnseen;
    if (flat) continue;
    kept.push_back(points[i]);
    level = heightOf(points[i]);
  }
  setPoints(graph, kept);
}

bool isBand(const QCPGraph* graph, std::size_t columns) {
  constexpr double kRestless = 4.0;  // pixels up and down in each column: the curve is an area there
  double travelled = 0.0, before = 0.0;
  bool first = true;
  const auto* axis = graph->valueAxis();
  for (const auto& point : *graph->data()) {
    const double height = axis->coordToPixel(point.value);
    if (!std::exchange(first, false) && std::isfinite(height)) travelled += std::abs(height - before);
    before = height;
  }
  return travelled > kRestless * static_cast<double>(columns);
}

}  // namespace dw::ui
