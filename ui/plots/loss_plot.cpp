// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QStackedLayout>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "numbers/number_text.h"
#include "plots/chart_colors.h"
#include "plots/flow_layout.h"
#include "plots/loss_chart.h"
#include "plots/loss_explanations.h"
#include "plots/loss_readout.h"
#include "plots/loss_table.h"

namespace dw::ui {
namespace {

/// Steps that the average looks back over, by slider position; 1 = no smoothing.
constexpr std::array kWindows{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
constexpr int kDefaultWindow = 5;  // position of 50

}  // namespace

LossPlot::LossPlot(QWidget* parent) : QWidget(parent), chart_(new LossChart) {
  setObjectName(QStringLiteral("lossPlot"));
  chart_->setObjectName(QStringLiteral("lossChart"));
  chart_->setAccessibleName(tr("Loss over steps"));
  buildControls();
  layOut();
  connectAll();
  smoothing_->setValue(kDefaultWindow);
  showReadout();
}

LossPlot::~LossPlot() = default;

void LossPlot::buildControls() {
  const auto name = [](QWidget* widget, const char* object, const QString& accessible) {
    widget->setObjectName(QLatin1String(object));
    widget->setAccessibleName(accessible);
  };
  readout_ = new QLabel;
  name(readout_, "lossReadout", tr("Values at the mouse, or the newest ones"));
  readout_->setTextFormat(Qt::RichText);
  readout_->setMinimumWidth(0);
  readout_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  smoothing_ = new QSlider(Qt::Horizontal);
  smoothing_->setRange(0, static_cast<int>(kWindows.size()) - 1);
  smoothing_->setPageStep(1);
  smoothing_->setFixedWidth(96);
  smoothing_->setToolTip(tr("How many steps the smoothed curve looks back over (bias-corrected exponential average)."));
  name(smoothing_, "smoothingSlider", tr("Smoothing"));
  smoothingLabel_ = new QLabel;
  logY_ = new QCheckBox(tr("log y"));
  name(logY_, "logLoss", tr("Logarithmic loss axis"));
  logX_ = new QCheckBox(tr("log x"));
  name(logX_, "logSteps", tr("Logarithmic step axis"));
  ahead_ = new QCheckBox(tr("plan ahead"));
  ahead_->setToolTip(tr("The step axis reaches to the planned end; the learning rate to come is dotted."));
  name(ahead_, "showAhead", tr("Show the planned learning rate"));
  axis_ = new QComboBox;
  axis_->addItems({tr("over steps"), tr("over samples"), tr("over time")});
  axis_->setToolTip(
      tr("What the horizontal axis counts: updates, samples seen, or seconds of training without pauses."));
  name(axis_, "lossAxis", tr("Horizontal axis"));
  under_ = new QComboBox;
  under_->addItems({tr("with grad norm"), tr("with update / weight")});
  under_->setToolTip(tr("<p>What stands beside the learning rate, on the right axis under the loss.</p>") +
                     updateRatioExplained());
  name(under_, "underCurve", tr("Curve beside the learning rate"));
  follow_ = new QPushButton(tr("Follow"));
  follow_->setToolTip(tr("Show all steps and keep up with new ones."));
  name(follow_, "followButton", tr("Follow the newest steps"));
  help_ = new QToolButton;
  help_->setText(QStringLiteral("?"));
  help_->setAutoRaise(true);
  help_->setToolTip(tr(
      "<p><b>Mouse</b><br>wheel: zoom the steps<br>Ctrl + wheel: zoom the loss<br>drag: move<br>"
      "Shift + drag: zoom into a box<br>double click: follow<br>rings of the planned rate: drag them</p>"
      "<p><b>Keys</b><br>+ and -: zoom<br>left and right: move<br>Home: follow<br>Esc: give up a drag of the planned rate</p>"
      "<p>\u25EF a step whose loss or gradient stands out: rest the mouse on it</p>"));
  name(help_, "plotHelp", tr("Mouse and keys of the plot"));
  note_ = new QLabel;
  name(note_, "lossNote", tr("What the plot does not show"));
  note_->hide();
  empty_ = new QLabel(tr("No steps yet."));
  name(empty_, "emptyPlot", tr("What to do next"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
}

void LossPlot::layOut() {
  auto* slider = new QWidget;
  auto* inside = new QHBoxLayout(slider);
  inside->setContentsMargins(0, 0, 0, 0);
  inside->setSpacing(8);
  for (QWidget* widget : std::initializer_list<QWidget*>{new QLabel(tr("smoothed")), smoothing_, smoothingLabel_})
    inside->addWidget(widget);
  auto* tools = new FlowLayout(6);
  for (QWidget* widget : std::initializer_list<QWidget*>{slider, logY_, logX_, axis_, under_, ahead_, follow_})
    tools->addWidget(widget);
  tools->addWidget(new ExportButton(chart_, QStringLiteral("loss"), [this] { return table(); }));
  tools->addWidget(help_);
  smoothingLabel_->setMinimumWidth(smoothingLabel_->fontMetrics().horizontalAdvance(tr("over %1 steps").arg(2000)));
  auto* stack = new QStackedLayout;
  stack->setStackingMode(QStackedLayout::StackAll);
  stack->addWidget(chart_);
  stack->addWidget(empty_);
  stack->setCurrentWidget(empty_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addLayout(tools);
  column->addWidget(readout_);
  column->addWidget(note_);
  column->addLayout(stack, 1);
}

void LossPlot::connectAll() {
  connect(smoothing_, &QSlider::valueChanged, this, [this](int position) {
    const int window = kWindows.at(static_cast<std::size_t>(position));
    smoothingLabel_->setText(window > 1 ? tr("over %1 steps").arg(window) : tr("not smoothed"));
    setSmoothingWindow(window);
  });
  connect(logX_, &QCheckBox::toggled, chart_, &LossChart::setLogX);
  connect(logY_, &QCheckBox::toggled, chart_, &LossChart::setLogY);
  connect(ahead_, &QCheckBox::toggled, chart_, &LossChart::setShowAhead);
  connect(axis_, &QComboBox::currentIndexChanged, this,
          [this](int index) { chart_->setAxis(static_cast<LossAxis>(index)); });
  connect(under_, &QComboBox::currentIndexChanged, this,
          [this](int index) { chart_->setUnder(static_cast<UnderCurve>(index)); });
  connect(chart_, &LossChart::planDragged, this, &LossPlot::planDragged);
  connect(chart_, &LossChart::planDropped, this, &LossPlot::planDropped);
  connect(chart_, &LossChart::planCancelled, this, &LossPlot::planCancelled);
  connect(follow_, &QPushButton::clicked, chart_, &LossChart::follow);
  connect(help_, &QToolButton::clicked, this,
          [this] { QToolTip::showText(help_->mapToGlobal(QPoint(0, help_->height())), help_->toolTip(), help_); });
  connect(chart_, &LossChart::followingChanged, follow_, [this](bool on) { follow_->setEnabled(!on); });
  connect(chart_, &LossChart::hoverChanged, this, &LossPlot::showReadout);
  connect(chart_, &LossChart::drawn, this, &LossPlot::showReadout);
  follow_->setEnabled(false);
}

void LossPlot::clear() {
  chart_->data().clear();
  chart_->curves().setFlags({});
  chart_->curves().setAhead({});
  chart_->follow();
  empty_->show();
  showReadout();
}

void LossPlot::append(std::span<const messages::StepMetrics> metrics) {
  for (const auto& m : metrics) chart_->data().append(m.step, m.loss, m.lr, m.gradNorm, m.samplesSeen, m.activeS);
  if (pointCount() > 0) empty_->hide();
  chart_->dataChanged();
}

void LossPlot::setHistory(const MetricsHistory& history) {
  auto& curves = chart_->data();
  curves.clearSteps();
  for (std::size_t i = 0; i < history.size(); ++i) {
    curves.append(history.step[i], history.loss[i], static_cast<double>(history.lr[i]),
                  static_cast<double>(history.gradNorm[i]), history.samples[i], history.activeS[i]);
  }
  curves.placeMeasured();
  empty_->setVisible(history.empty());
  chart_->dataChanged();
}

void LossPlot::appendValidation(const messages::ValidationPoint& point) {
  chart_->data().appendValidation(point.step, point.loss);
  chart_->dataChanged();
}

void LossPlot::setValidation(std::span<const messages::ValidationPoint> points) {
  chart_->data().clearValidation();
  for (const auto& point : points) appendValidation(point);
  chart_->dataChanged();
}

void LossPlot::setMeasurements(const MeasurementHistory& measured) {
  chart_->data().clearRatiosAndSpikes();
  appendMeasurements(measured);
  setValidation(measured.validation());
}

void LossPlot::appendMeasurements(const MeasurementHistory& measured) {
  auto& curves = chart_->data();
  const auto after = [](const auto& list, std::int64_t step) {
    return std::upper_bound(list.begin(), list.end(), step,
                            [](std::int64_t last, const auto& value) { return last < value.step; });
  };
  const auto& ratios = measured.updateRatios();
  const auto known = curves.updateRatio().size();
  const std::int64_t lastRatio = known > 0 ? curves.updateRatioStep(known - 1) : 0;
  for (auto it = after(ratios, lastRatio); it != ratios.end(); ++it) curves.appendUpdateRatio(it->step, it->ratio);
  const auto& spikes = measured.spikes();
  const std::int64_t lastSpike = curves.spikes().empty() ? 0 : curves.spikes().back().step;
  for (auto it = after(spikes, lastSpike); it != spikes.end(); ++it) curves.appendSpike(*it);
  chart_->dataChanged();
}

void LossPlot::setFlags(std::vector<PlotFlag> flags) {
  chart_->curves().setFlags(std::move(flags));
  chart_->dataChanged();
}

void LossPlot::addFlag(PlotFlag flag) {
  chart_->curves().addFlag(std::move(flag));
  chart_->dataChanged();
}

void LossPlot::dropFlagsAfter(std::int64_t number) {
  auto flags = chart_->curves().flags();
  std::erase_if(flags, [number](const PlotFlag& flag) { return flag.number > number; });
  setFlags(std::move(flags));
}

std::size_t LossPlot::flagCount() const { return chart_->curves().flags().size(); }

void LossPlot::setAhead(std::vector<PlotPoint> ahead) {
  chart_->curves().setAhead(std::move(ahead));
  chart_->dataChanged();
}

void LossPlot::setPlan(const std::optional<RatePlan>& plan) {
  chart_->handles().setPlan(plan);
  chart_->dataChanged();
}

void LossPlot::showAhead() { ahead_->setChecked(true); }

CsvWriter LossPlot::table() const { return lossTable(chart_->data()); }

void LossPlot::setEmptyText(const QString& text) { empty_->setText(text); }

void LossPlot::setSmoothingWindow(int steps) {
  chart_->data().setWindow(steps);
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

std::size_t LossPlot::pointCount() const { return chart_->data().size(); }

std::size_t LossPlot::updateRatioCount() const { return chart_->data().updateRatio().size(); }

std::size_t LossPlot::spikeCount() const { return chart_->data().spikePoints().size(); }

std::vector<std::pair<std::int64_t, double>> LossPlot::validation() const {
  const auto& curves = chart_->data();
  std::vector<std::pair<std::int64_t, double>> shown;
  for (std::size_t i = 0; i < curves.validation().size(); ++i)
    shown.emplace_back(curves.validationStep(i), curves.validation().y(i));
  return shown;
}

std::optional<double> LossPlot::lossNear(double step) const {
  const auto& raw = chart_->data().raw();
  if (raw.empty()) return std::nullopt;
  return raw.y(raw.nearest(step));
}

bool LossPlot::isFollowing() const { return chart_->isFollowing(); }

void LossPlot::showNote() {
  const auto hidden = logY_->isChecked() ? chart_->data().notPositive() : 0;
  note_->setVisible(hidden > 0);
  note_->setText(
      tr("%n losses of 0 or less have no place on a log axis", nullptr, plural(static_cast<std::int64_t>(hidden))));
}

void LossPlot::showReadout() {
  showNote();
  const auto& curves = chart_->data();
  if (curves.size() == 0) return readout_->clear();
  const auto i = chart_->hovered().value_or(curves.size() - 1);
  const auto text = lossReadout(curves, i, ChartColors(palette()), chart_->hoveredFlags(), chart_->hoveredSpikes());
  readout_->setText(text);
  // a narrow window cuts its end off
  readout_->setToolTip(readout_->sizeHint().width() > readout_->width() ? text : QString());
}

}  // namespace dw::ui
