// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/schedule_chart.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "plots/chart_colors.h"
#include "plots/loss_axes.h"

namespace dw::ui {
namespace {

constexpr int kCurveChart = 1;         // of alpha-bar, where a curve can be drawn by hand
constexpr double kNear = 9.0;          // pixels from a handle that still grab it
constexpr std::int64_t kPoints = 512;  // of a curve; schedules are smooth

/// Curve number `line` of a chart at t.
double valueOf(const schedule::NoiseSchedule& s, int chart, bool second, std::size_t t) {
  switch (chart) {
    case 0: return s.betas[t];
    case 1: return s.alphaBar[t];
    case 2: return second ? s.sigma[t] : s.sqrtAlphaBar[t];
    default: return std::log10(s.snr[t]);
  }
}

}  // namespace

/// The line at t, in a transparent widget over the charts: moving it draws no curve again.
class ScheduleChart::Cursor : public QWidget {
 public:
  explicit Cursor(ScheduleChart* chart) : QWidget(chart), chart_(chart) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setPen(QPen(ChartColors(palette()).text, 1.0));
    for (int i = 0; i < kCharts; ++i) {
      const auto rect = chart_->rects_[static_cast<std::size_t>(i)]->rect();
      const int x = chart_->positionOf(i, chart_->t_).x();
      if (x >= rect.left() && x <= rect.right()) painter.drawLine(x, rect.top(), x, rect.bottom());
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ChartColors(palette()).smooth, 2.0));
    painter.setBrush(palette().base());
    for (const auto& handle : chart_->handles_) painter.drawEllipse(chart_->placeOf(handle), 5.0, 5.0);
  }

 private:
  ScheduleChart* chart_;
};

ScheduleChart::ScheduleChart(QWidget* parent) : QCustomPlot(parent) {
  setInteractions(QCP::iNone);
  plotLayout()->clear();
  plotLayout()->setRowSpacing(2);
  plotLayout()->setColumnSpacing(12);
  build();
  arrange(kCharts);
  style();
  cursor_ = new Cursor(this);
  setCursor(Qt::SplitHCursor);
}

void ScheduleChart::build() {
  const std::array<QString, kCharts> titles{
      tr("β: noise added by one step"), tr("ᾱ: share of x₀ left in x_t (variance)"),
      tr("√ᾱ of x₀ (solid), √(1−ᾱ) of ε (thin)"), tr("log₁₀ SNR = log₁₀ ᾱ/(1−ᾱ)")};
  for (int i = 0; i < kCharts; ++i) {
    auto* rect = new QCPAxisRect(this);
    rect->setAutoMargins(QCP::msLeft | QCP::msBottom);
    rect->setMargins(QMargins(0, 2, 6, 0));
    rect->setMinimumMargins(QMargins(34, 2, 6, 16));
    rect->axis(QCPAxis::atBottom)->ticker()->setTickCount(4);
    rect->axis(QCPAxis::atLeft)->ticker()->setTickCount(4);
    auto* title = new QCPTextElement(this, titles[static_cast<std::size_t>(i)]);
    title->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
    rects_[static_cast<std::size_t>(i)] = rect;
    titles_[static_cast<std::size_t>(i)] = title;
    for (const bool dashed : {false, true}) {
      for (const bool second : {false, true}) {
        if (second && i != 2) continue;
        auto* graph = addGraph(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        graph->setAdaptiveSampling(false);
        lines_.push_back({graph, i, dashed, second});
      }
    }
  }
}

void ScheduleChart::arrange(int columns) {
  if (columns == columns_) return;
  columns_ = columns;
  for (int i = 0; i < plotLayout()->elementCount(); ++i) {
    if (auto* element = plotLayout()->elementAt(i)) plotLayout()->take(element);
  }
  plotLayout()->simplify();
  for (int i = 0; i < kCharts; ++i) {
    plotLayout()->addElement(2 * (i / columns), i % columns, titles_[static_cast<std::size_t>(i)]);
    plotLayout()->addElement(2 * (i / columns) + 1, i % columns, rects_[static_cast<std::size_t>(i)]);
  }
  replot(rpQueuedReplot);
}

void ScheduleChart::style() {
  const ChartColors colors(palette());
  setBackground(colors.background);
  styleAxes({rects_.begin(), rects_.end()}, colors, font());
  for (auto* title : titles_) {
    title->setFont(font());
    title->setTextColor(colors.text);
  }
  for (const auto& line : lines_) {
    auto pen = colors.curvePen(line.dashed ? 1 : 0);
    if (line.second) pen.setWidthF(1.0);
    line.graph->setPen(pen);
  }
}

void ScheduleChart::setSchedules(const schedule::NoiseSchedule& main, const QString& name,
                                 const schedule::NoiseSchedule* compared, const QString& comparedName) {
  last_ = static_cast<double>(std::max<std::int64_t>(1, main.steps() - 1));
  names_ = compared ? tr("%1 (solid)   %2 (dashed)").arg(name, comparedName) : QString();
  setToolTip(names_);
  fillLines(main, false);
  fillLines(compared ? *compared : schedule::NoiseSchedule{}, true);
  for (auto* rect : rects_) {
    auto* x = rect->axis(QCPAxis::atBottom);
    auto* y = rect->axis(QCPAxis::atLeft);
    y->rescale(true);
    y->setRange(paddedRange(y->range().lower, y->range().upper, false, 0.05));
    x->setRange(-0.01 * last_, 1.01 * last_);
    chooseTicker(x, true);
    chooseTicker(y, false);
    x->ticker()->setTickCount(4);
    y->ticker()->setTickCount(4);
  }
  replot();  // at once: curves and pictures change in one frame
  cursor_->update();
}

void ScheduleChart::fillLines(const schedule::NoiseSchedule& schedule, bool dashed) {
  const auto steps = schedule.steps();
  const auto points = std::min(steps, kPoints);
  for (const auto& line : lines_) {
    if (line.dashed != dashed) continue;
    QVector<QCPGraphData> curve;
    curve.reserve(static_cast<qsizetype>(points));
    for (std::int64_t i = 0; i < points; ++i) {
      const auto t = points > 1 ? i * (steps - 1) / (points - 1) : 0;
      const double value = valueOf(schedule, line.chart, line.second, static_cast<std::size_t>(t));
      if (std::isfinite(value)) curve.append({static_cast<double>(t), value});
    }
    line.graph->setScatterStyle(QCPScatterStyle(points == 1 ? QCPScatterStyle::ssDisc : QCPScatterStyle::ssNone, 5.0));
    line.graph->data()->set(curve, true);
    line.graph->setVisible(!curve.isEmpty());
  }
}

void ScheduleChart::setTime(qint64 t) {
  t_ = t;
  cursor_->update();
}

int ScheduleChart::pointCount() const {
  int count = 0;
  for (const auto& line : lines_) count += line.graph->dataCount();
  return count;
}

QPoint ScheduleChart::positionOf(int chart, qint64 t) const {
  const auto* rect = rects_[static_cast<std::size_t>(chart)];
  const double x = rect->axis(QCPAxis::atBottom)->coordToPixel(static_cast<double>(t));
  return {static_cast<int>(std::lround(x)), rect->rect().center().y()};
}

void ScheduleChart::pick(const QPointF& place) {
  const auto* rect = rects_[static_cast<std::size_t>(dragged_)];
  const double t = rect->axis(QCPAxis::atBottom)->pixelToCoord(place.x());
  Q_EMIT timePicked(static_cast<qint64>(std::lround(std::clamp(t, 0.0, last_))));
}

void ScheduleChart::setHandles(const QList<QPointF>& handles) {
  handles_ = handles;
  cursor_->update();
}

QPointF ScheduleChart::placeOf(const QPointF& handle) const {
  const auto* rect = rects_[kCurveChart];
  return {rect->axis(QCPAxis::atBottom)->coordToPixel(handle.x() * last_),
          rect->axis(QCPAxis::atLeft)->coordToPixel(handle.y())};
}

QPointF ScheduleChart::handleAt(const QPointF& place) const {
  const auto* rect = rects_[kCurveChart];
  return {std::clamp(rect->axis(QCPAxis::atBottom)->pixelToCoord(place.x()) / last_, 0.0, 1.0),
          std::clamp(rect->axis(QCPAxis::atLeft)->pixelToCoord(place.y()), 0.0, 1.0)};
}

int ScheduleChart::handleNear(const QPointF& place) const {
  for (int i = 0; i < handles_.size(); ++i) {
    const QPointF away = placeOf(handles_[i]) - place;
    if (std::hypot(away.x(), away.y()) <= kNear) return i;
  }
  return -1;
}

void ScheduleChart::mouseDoubleClickEvent(QMouseEvent* event) {
  const bool inCurve = rects_[kCurveChart]->rect().contains(event->pos());
  if (inCurve && !handles_.isEmpty() && handleNear(event->position()) < 0)
    Q_EMIT handleAdded(handleAt(event->position()));
}

void ScheduleChart::mousePressEvent(QMouseEvent* event) {
  dragged_ = -1;
  grabbed_ = handleNear(event->position());
  if (grabbed_ >= 0 && event->button() == Qt::RightButton) return Q_EMIT handleRemoved(std::exchange(grabbed_, -1));
  if (event->button() != Qt::LeftButton || grabbed_ >= 0) return;
  for (int i = 0; i < kCharts; ++i) {
    if (rects_[static_cast<std::size_t>(i)]->rect().contains(event->pos())) dragged_ = i;
  }
  if (dragged_ >= 0) pick(event->position());
}

void ScheduleChart::mouseMoveEvent(QMouseEvent* event) {
  if (!event->buttons().testFlag(Qt::LeftButton)) return;
  if (grabbed_ >= 0)
    Q_EMIT handleMoved(grabbed_, handleAt(event->position()));
  else if (dragged_ >= 0)
    pick(event->position());
}

void ScheduleChart::mouseReleaseEvent(QMouseEvent*) { dragged_ = grabbed_ = -1; }

void ScheduleChart::resizeEvent(QResizeEvent* event) {
  QCustomPlot::resizeEvent(event);
  cursor_->setGeometry(rect());
}

void ScheduleChart::updateLayout() {
  QCustomPlot::updateLayout();
  if (cursor_) cursor_->update();
}

void ScheduleChart::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange) return;
  style();
  replot(rpQueuedReplot);
}

}  // namespace dw::ui
