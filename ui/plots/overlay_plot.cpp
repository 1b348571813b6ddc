// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/overlay_plot.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "plots/overlay_chart.h"

namespace dw::ui {

OverlayPlot::OverlayPlot(QWidget* parent) : QWidget(parent), chart_(new OverlayChart) {
  setObjectName(QStringLiteral("overlayPlot"));
  chart_->setObjectName(QStringLiteral("overlayChart"));
  chart_->setAccessibleName(tr("Losses of the selected runs over their steps"));
  chart_->setMinimumHeight(96);
  title_ = new QLabel;
  title_->setObjectName(QStringLiteral("overlayTitle"));
  title_->setTextFormat(Qt::PlainText);
  title_->setProperty("muted", true);
  title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  logY_ = new QCheckBox(tr("log loss"));
  logY_->setObjectName(QStringLiteral("overlayLogY"));
  logY_->setAccessibleName(tr("Logarithmic loss axis"));
  fit_ = new QPushButton(tr("Show all"));
  fit_->setObjectName(QStringLiteral("overlayFit"));
  fit_->setToolTip(tr("Fit every curve into the chart and keep fitting as they grow (Home)"));
  fit_->setEnabled(false);
  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(title_, 1);
  top->addWidget(logY_);
  top->addWidget(fit_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addLayout(top);
  column->addWidget(chart_, 1);
  empty_ = new QLabel(chart_);
  empty_->setObjectName(QStringLiteral("overlayEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setProperty("muted", true);
  empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
  connect(logY_, &QCheckBox::toggled, chart_, &OverlayChart::setLogY);
  connect(fit_, &QPushButton::clicked, chart_, &OverlayChart::follow);
  connect(chart_, &OverlayChart::followingChanged, fit_, [this](bool following) { fit_->setEnabled(!following); });
}

OverlayPlot::~OverlayPlot() = default;

void OverlayPlot::setRuns(const QList<OverlayRun>& runs) {
  chart_->setRuns(runs);
  showEmpty();
}

void OverlayPlot::setHistory(const QString& key, const MetricsHistory& history) {
  chart_->setHistory(key, history);
  showEmpty();
}

void OverlayPlot::append(const QString& key, const MetricsHistory& history, std::size_t from) {
  chart_->append(key, history, from);
  showEmpty();
}

std::size_t OverlayPlot::pointCount(const QString& key) const { return chart_->pointCount(key); }
void OverlayPlot::setTitle(const QString& title) {
  title_->setText(title);
  title_->setToolTip(title);
}
void OverlayPlot::setEmptyText(const QString& text) { empty_->setText(text); }
void OverlayPlot::showEmpty() { empty_->setVisible(chart_->isEmpty()); }

void OverlayPlot::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  layout()->activate();
  empty_->setGeometry(chart_->rect().adjusted(24, 8, -24, -8));
}

}  // namespace dw::ui
