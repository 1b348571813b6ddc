// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/loss_plot.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSlider>
#include <QStackedLayout>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>
#include <array>

#include "plots/chart_colors.h"
#include "plots/loss_chart.h"

namespace dw::ui {
namespace {

/// Steps that the average looks back over, by slider position; 1 = no smoothing.
constexpr std::array kWindows{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
constexpr int kDefaultWindow = 5;  // position of 50

/// A piece of the curve's line, so that the readout is the plot's legend as well.
QString lineOf(const QColor& color, QChar line) {
  return QStringLiteral("<span style='color:%1'><b>%2%2</b></span>&nbsp;").arg(color.name()).arg(line);
}
constexpr QChar kFull(0x2501), kDashed(0x254d);

/// 7e-5 rather than 7e-05.
QString shortFigure(double value) {
  QString text = QLocale().toString(value, 'g', 3);
  return text.replace(QLatin1String("e-0"), QLatin1String("e-")).replace(QLatin1String("e+0"), QLatin1String("e+"));
}

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
  smoothing_->setFixedWidth(112);
  smoothing_->setToolTip(tr("How many steps the smoothed curve looks back over (bias-corrected exponential average)."));
  name(smoothing_, "smoothingSlider", tr("Smoothing"));
  smoothingLabel_ = new QLabel;
  logY_ = new QCheckBox(tr("log y"));
  name(logY_, "logLoss", tr("Logarithmic loss axis"));
  logX_ = new QCheckBox(tr("log x"));
  name(logX_, "logSteps", tr("Logarithmic step axis"));
  follow_ = new QPushButton(tr("Follow"));
  follow_->setToolTip(tr("Show all steps and keep up with new ones."));
  name(follow_, "followButton", tr("Follow the newest steps"));
  help_ = new QToolButton;
  help_->setText(QStringLiteral("?"));
  help_->setAutoRaise(true);
  help_->setToolTip(tr("<p><b>Mouse</b><br>wheel: zoom the steps<br>Ctrl + wheel: zoom the loss<br>drag: move<br>"
                       "Shift + drag: zoom into a box<br>double click: follow</p>"
                       "<p><b>Keys</b><br>+ and -: zoom<br>left and right: move<br>Home: follow</p>"));
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
  auto* tools = new QHBoxLayout;
  tools->setSpacing(8);
  tools->addWidget(new QLabel(tr("smoothed")));
  tools->addWidget(smoothing_);
  tools->addWidget(smoothingLabel_);
  tools->addWidget(logY_);
  tools->addWidget(logX_);
  tools->addWidget(note_);
  tools->addStretch(1);
  tools->addWidget(follow_);
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
  connect(follow_, &QPushButton::clicked, chart_, &LossChart::follow);
  connect(help_, &QToolButton::clicked, this, [this] {
    QToolTip::showText(help_->mapToGlobal(QPoint(0, help_->height())), help_->toolTip(), help_);
  });
  connect(chart_, &LossChart::followingChanged, follow_, [this](bool on) { follow_->setEnabled(!on); });
  connect(chart_, &LossChart::hoverChanged, this, &LossPlot::showReadout);
  connect(chart_, &LossChart::drawn, this, &LossPlot::showReadout);
  follow_->setEnabled(false);
}

void LossPlot::clear() {
  chart_->data().clear();
  chart_->follow();
  empty_->show();
  showReadout();
}

void LossPlot::append(std::span<const run::StepMetrics> metrics) {
  for (const auto& m : metrics) chart_->data().append(m.step, m.loss, m.lr, m.gradNorm);
  if (pointCount() > 0) empty_->hide();
  chart_->dataChanged();
}

void LossPlot::setHistory(const MetricsHistory& history) {
  auto& curves = chart_->data();
  curves.clear();
  for (std::size_t i = 0; i < history.size(); ++i) {
    curves.append(history.step[i], history.loss[i], static_cast<double>(history.lr[i]),
                static_cast<double>(history.gradNorm[i]));
  }
  empty_->setVisible(history.empty());
  chart_->dataChanged();
}

void LossPlot::setEmptyText(const QString& text) { empty_->setText(text); }

void LossPlot::setSmoothingWindow(int steps) {
  chart_->data().setWindow(steps);
  chart_->replot(QCustomPlot::rpQueuedReplot);
}

std::size_t LossPlot::pointCount() const { return chart_->data().size(); }

std::optional<double> LossPlot::lossNear(double step) const {
  const auto& raw = chart_->data().raw();
  if (raw.empty()) return std::nullopt;
  return raw.y(raw.nearest(step));
}

bool LossPlot::isFollowing() const { return chart_->isFollowing(); }

void LossPlot::showReadout() {
  const auto& curves = chart_->data();
  const auto hidden = logY_->isChecked() ? curves.notPositive() : 0;
  note_->setVisible(hidden > 0);
  note_->setText(tr("%n losses of 0 or less have no place on a log axis", nullptr, static_cast<int>(hidden)));
  if (curves.size() == 0) return readout_->clear();
  const auto i = chart_->hovered().value_or(curves.size() - 1);
  const QLocale locale;
  const auto part = [](const QString& name, const QString& value) {
    return QStringLiteral("<span style='white-space:nowrap'>%1&nbsp;<b>%2</b></span>&nbsp;&nbsp;&nbsp;").arg(name, value);
  };
  QString text = part(tr("step"), locale.toString(static_cast<qlonglong>(curves.raw().x(i))));
  const ChartColors colors(palette());
  text += lineOf(colors.raw, kFull) + part(tr("loss"), locale.toString(curves.raw().y(i), 'f', 4));
  if (curves.window() > 1.0) {
    text += lineOf(colors.smooth, kFull) + part(tr("smoothed"), locale.toString(curves.smooth().y(i), 'f', 4));
  }
  text += lineOf(colors.lr, kDashed) + part(tr("learning rate"), shortFigure(curves.lr().y(i)));
  text += part(tr("grad norm"), shortFigure(curves.gradNorm(i)));
  readout_->setText(text);
}

}  // namespace dw::ui
