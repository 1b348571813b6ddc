// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/range_plot.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "plots/chart_colors.h"
#include "plots/chart_cursor.h"
#include "plots/loss_axes.h"
#include "plots/qcp.h"

namespace dw::ui {

RangePlot::RangePlot(QWidget* parent) : QWidget(parent), chart_(new QCustomPlot), cursor_(new ChartCursor(chart_)) {
  setObjectName(QStringLiteral("rangePlot"));
  readout_ = new QLabel;
  readout_->setObjectName(QStringLiteral("rangeReadout"));
  readout_->setAccessibleName(tr("Values at the mouse, or the newest ones"));
  readout_->setTextFormat(Qt::RichText);
  readout_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  empty_ = new QLabel(chart_);
  empty_->setObjectName(QStringLiteral("rangeEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setProperty("muted", true);
  empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
  buildChart();
  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(readout_, 1);
  top->addWidget(new ExportButton(chart_, QStringLiteral("range-test"), [this] { return table(); }));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addLayout(top);
  column->addWidget(chart_, 1);
  applyColors();
  clear();
}

RangePlot::~RangePlot() = default;

void RangePlot::buildChart() {
  chart_->setObjectName(QStringLiteral("rangeChart"));
  chart_->setAccessibleName(tr("Loss over the learning rate"));
  chart_->setMinimumHeight(96);
  chart_->setMouseTracking(true);
  chart_->installEventFilter(this);
  chart_->xAxis->setLabel(tr("learning rate"));
  chart_->yAxis->setLabel(tr("loss"));
  setLogScale(chart_->xAxis, true);
  raw_ = chart_->addGraph();
  smooth_ = chart_->addGraph();
  for (auto* curve : {raw_, smooth_}) curve->setSelectable(QCP::stNone);
  line_ = new QCPItemStraightLine(chart_);
  line_->setSelectable(false);
  line_->setVisible(false);
  connect(chart_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { showReadout(pointAt(event->pos())); });
  connect(chart_, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
    if (const auto point = pointAt(event->pos())) Q_EMIT ratePicked(rates_[*point]);
  });
}

void RangePlot::applyColors() {
  const ChartColors colors(palette());
  chart_->setBackground(colors.background);
  styleAxes({chart_->axisRect()}, colors, font());
  raw_->setPen(QPen(colors.raw, 1.0));
  smooth_->setPen(QPen(colors.smooth, 2.0));
  line_->setPen(QPen(colors.lr, 1.5, Qt::DashLine));
  cursor_->setColors(colors.quietText, colors.smooth);
}

void RangePlot::clear() {
  for (auto* values : {&rates_, &losses_, &smoothed_}) values->clear();
  smoother_ = EmaSmoother(10.0);
  for (auto* curve : {raw_, smooth_}) curve->data()->clear();
  setChosen(std::nullopt);
  fit();
}

void RangePlot::append(double rate, double loss) {
  rates_.push_back(rate);
  losses_.push_back(loss);
  smoothed_.push_back(smoother_.push(loss));
  raw_->addData(rate, loss);
  smooth_->addData(rate, smoothed_.back());
  fit();
}

void RangePlot::setChosen(std::optional<double> rate) {
  line_->setVisible(rate && *rate > 0.0);
  if (line_->visible()) {
    line_->point1->setCoords(*rate, 0.0);
    line_->point2->setCoords(*rate, 1.0);
  }
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

void RangePlot::setEmptyText(const QString& text) { empty_->setText(text); }

/// The smoothed curve fills the chart; single steps may leave it.
void RangePlot::fit() {
  const bool any = !rates_.empty();
  empty_->setVisible(!any);
  chart_->axisRect()->setVisible(any);
  if (any) {
    const auto [low, high] = std::minmax_element(smoothed_.begin(), smoothed_.end());
    chart_->xAxis->setRange(paddedRange(rates_.front(), rates_.back(), true, 0.01));
    if (std::isfinite(*high)) chart_->yAxis->setRange(paddedRange(*low, *high, false, 0.1));
    chooseTicker(chart_->xAxis, false);
    chooseTicker(chart_->yAxis, false);
  }
  showReadout(std::nullopt);
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

std::optional<std::size_t> RangePlot::pointAt(const QPoint& mouse) const {
  if (rates_.empty() || !chart_->axisRect()->rect().contains(mouse)) return std::nullopt;
  const double rate = chart_->xAxis->pixelToCoord(mouse.x());
  const auto above = std::lower_bound(rates_.begin(), rates_.end(), rate);
  if (above == rates_.begin()) return 0;
  if (above == rates_.end()) return rates_.size() - 1;
  // On a logarithmic axis the nearer one is that with the smaller ratio.
  const auto i = static_cast<std::size_t>(above - rates_.begin());
  return rate * rate < rates_[i - 1] * rates_[i] ? i - 1 : i;
}

QPoint RangePlot::positionOf(double rate) const {
  const QPointF inside(chart_->xAxis->coordToPixel(rate), chart_->axisRect()->center().y());
  return chart_->mapTo(this, inside.toPoint());
}

void RangePlot::showReadout(std::optional<std::size_t> point) {
  if (rates_.empty()) {
    readout_->clear();
    return cursor_->show(std::nullopt, {});
  }
  const auto i = point.value_or(rates_.size() - 1);
  const QLocale locale;
  readout_->setText(tr("rate <b>%1</b> &nbsp; loss <b>%2</b> &nbsp; smoothed <b>%3</b>")
                        .arg(locale.toString(rates_[i], 'g', 3), locale.toString(losses_[i], 'f', 4),
                             locale.toString(smoothed_[i], 'f', 4)));
  if (!point) return cursor_->show(std::nullopt, {});
  cursor_->show(QPointF(chart_->xAxis->coordToPixel(rates_[i]), chart_->yAxis->coordToPixel(smoothed_[i])),
                chart_->axisRect()->rect());
}

CsvWriter RangePlot::table() const {
  return [rates = rates_, losses = losses_, smoothed = smoothed_](QTextStream& out) {
    out << "lr,loss,smoothed_loss\n";
    out.setRealNumberPrecision(9);
    for (std::size_t i = 0; i < rates.size(); ++i) out << rates[i] << ',' << losses[i] << ',' << smoothed[i] << '\n';
  };
}

void RangePlot::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange) return;
  applyColors();
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

bool RangePlot::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Leave) showReadout(std::nullopt);
  return QWidget::eventFilter(watched, event);
}

void RangePlot::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  layout()->activate();
  empty_->setGeometry(chart_->rect().adjusted(24, 8, -24, -8));
  cursor_->resize(chart_->size());
}

}  // namespace dw::ui
