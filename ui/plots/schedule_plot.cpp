// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/schedule_plot.h"

#include <QResizeEvent>
#include <QVBoxLayout>

#include "base/error.h"
#include "plots/chart_export.h"
#include "plots/schedule_chart.h"

namespace dw::ui {
namespace {

constexpr int kNarrow = 760;
constexpr int kHeight = 132, kTallHeight = 240;

}  // namespace

SchedulePlot::SchedulePlot(QWidget* parent) : QWidget(parent), chart_(new ScheduleChart) {
  setObjectName(QStringLiteral("schedulePlot"));
  chart_->setObjectName(QStringLiteral("scheduleChart"));
  chart_->setAccessibleName(tr("Noise schedule over the timestep t"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(chart_);
  setFixedHeight(kHeight);
  connect(chart_, &ScheduleChart::timePicked, this, &SchedulePlot::timePicked);
  connect(chart_, &ScheduleChart::handleMoved, this, &SchedulePlot::handleMoved);
  connect(chart_, &ScheduleChart::handleAdded, this, &SchedulePlot::handleAdded);
  connect(chart_, &ScheduleChart::handleRemoved, this, &SchedulePlot::handleRemoved);
}

SchedulePlot::~SchedulePlot() = default;

void SchedulePlot::setSchedules(const schedule::NoiseSchedule& main, const QString& name,
                                const schedule::NoiseSchedule* compared, const QString& comparedName) {
  chart_->setSchedules(main, name, compared, comparedName);
}

void SchedulePlot::setHandles(const QList<QPointF>& handles) { chart_->setHandles(handles); }
QPoint SchedulePlot::handlePosition(const QPointF& handle) const {
  return chart_->mapTo(this, chart_->placeOf(handle).toPoint());
}

void SchedulePlot::setTime(qint64 t) {
  t_ = t;
  chart_->setTime(t);
}

int SchedulePlot::pointCount() const { return chart_->pointCount(); }
QPoint SchedulePlot::positionOf(int chart, qint64 t) const { return chart_->mapTo(this, chart_->positionOf(chart, t)); }

bool SchedulePlot::exportTo(const QString& path) {
  try {
    writeChart(chart_, path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void SchedulePlot::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const bool narrow = event->size().width() < kNarrow;
  chart_->arrange(narrow ? 2 : 4);
  setFixedHeight(narrow ? kTallHeight : kHeight);
}

}  // namespace dw::ui
