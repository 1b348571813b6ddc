// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/timestep_plot.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <cmath>

#include "numbers/number_text.h"
#include "plots/chart_colors.h"
#include "plots/chart_export.h"
#include "plots/flow_layout.h"
#include "plots/timestep_chart.h"

namespace dw::ui {
namespace {

QString stepsOf(const TimestepHistory::Sums& sums) {
  if (sums.first == sums.last) return TimestepPlot::tr("step %1").arg(count(sums.first));
  return TimestepPlot::tr("steps %1 to %2").arg(count(sums.first), count(sums.last));
}

CsvWriter tableOf(const TimestepHistory& history, int timesteps) {
  return [columns = history.columns(), timesteps](QTextStream& out) {
    out << "first_step,last_step,t_from,t_to,mean_loss,samples\n";
    const double perBin = static_cast<double>(timesteps) / TimestepHistory::kBins;
    for (const auto& column : columns) {
      for (int bin = 0; bin < TimestepHistory::kBins; ++bin) {
        const auto samples = column.count[static_cast<std::size_t>(bin)];
        if (!(samples > 0.0)) continue;
        out << column.first << ',' << column.last << ',' << bin * perBin << ',' << (bin + 1) * perBin << ','
            << column.mean(bin) << ',' << samples << '\n';
      }
    }
  };
}

}  // namespace

TimestepPlot::TimestepPlot(QWidget* parent) : QWidget(parent), chart_(new TimestepChart) {
  setObjectName(QStringLiteral("timestepPlot"));
  chart_->setObjectName(QStringLiteral("timestepChart"));
  chart_->setAccessibleName(tr("Loss by timestep"));
  chart_->setMinimumHeight(120);
  buildControls();
  layOut();
  connectAll();
  showEmpty();
}

void TimestepPlot::buildControls() {
  why_ = new QLabel(
      tr("Each step draws its timesteps t at random, and how hard the noise is to name depends far more on t than on "
         "what the model has learnt: at small t it hides in the picture, at large t it is nearly all there is. "
         "So the loss of each step jumps about and looks flat; taken at one t, as here, you see it fall."));
  why_->setObjectName(QStringLiteral("timestepWhy"));
  why_->setWordWrap(true);
  why_->setProperty("muted", true);
  readout_ = new QLabel;
  readout_->setObjectName(QStringLiteral("timestepReadout"));
  readout_->setAccessibleName(tr("Values at the mouse, or what the curves show"));
  readout_->setTextFormat(Qt::RichText);
  readout_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  colors_ = new QComboBox;
  colors_->addItems({tr("loss"), tr("change since the start")});
  colors_->setObjectName(QStringLiteral("timestepColors"));
  colors_->setAccessibleName(tr("What the colours of the map show"));
  log_ = new QCheckBox(tr("log loss"));
  log_->setChecked(true);
  log_->setObjectName(QStringLiteral("timestepLog"));
  log_->setAccessibleName(tr("Logarithmic loss in colours and curve"));
  fromStart_ = new QPushButton(tr("Compare with the start"));
  fromStart_->setToolTip(tr("Click into the map to compare with another step."));
  fromStart_->setObjectName(QStringLiteral("timestepFromStart"));
  fromStart_->setAccessibleName(fromStart_->text());
  fromStart_->setEnabled(false);
  empty_ = new QLabel;
  empty_->setObjectName(QStringLiteral("emptyTimesteps"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
}

void TimestepPlot::layOut() {
  auto* tools = new FlowLayout(8);
  tools->addWidget(new QLabel(tr("colours")));
  tools->addWidget(colors_);
  tools->addWidget(log_);
  tools->addWidget(fromStart_);
  tools->addWidget(new ExportButton(chart_, QStringLiteral("loss-by-timestep"), [this] {
    return history_ != nullptr ? tableOf(*history_, chart_->timesteps()) : CsvWriter([](QTextStream&) {});
  }));
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
  column->addWidget(why_);
}

void TimestepPlot::connectAll() {
  connect(colors_, &QComboBox::currentIndexChanged, this, [this](int index) {
    chart_->setColors(index == 0 ? TimestepChart::Colors::Loss : TimestepChart::Colors::Change);
  });
  connect(log_, &QCheckBox::toggled, chart_, &TimestepChart::setLogScale);
  connect(chart_, &TimestepChart::hoverChanged, this, &TimestepPlot::showReadout);
  connect(chart_, &TimestepChart::drawn, this, &TimestepPlot::showReadout);
  connect(chart_, &TimestepChart::stepChosen, this, [this](std::int64_t step) {
    chart_->setThen(step);
    fromStart_->setEnabled(true);
  });
  connect(fromStart_, &QPushButton::clicked, this, [this] {
    chart_->setThen(std::nullopt);
    fromStart_->setEnabled(false);
  });
}

void TimestepPlot::setHistory(const TimestepHistory* history, int timesteps) {
  history_ = history;
  chart_->setHistory(history, timesteps);
  fromStart_->setEnabled(false);
  dataChanged();
}

void TimestepPlot::dataChanged() {
  chart_->dataChanged();
  showEmpty();
}

void TimestepPlot::setEmptyText(const QString& text) { empty_->setText(text); }

void TimestepPlot::showEmpty() {
  const bool empty = history_ == nullptr || history_->empty();
  empty_->setVisible(empty);
  if (empty) readout_->clear();
}

void TimestepPlot::showReadout() {
  if (history_ == nullptr || history_->empty()) return readout_->clear();
  const QLocale locale;
  const ChartColors colors(palette());
  const auto part = [](const QString& text) {
    return QStringLiteral("<span style='white-space:nowrap'>%1</span>&nbsp;&nbsp;&nbsp; ").arg(text);
  };
  const auto line = [](const QColor& color, QChar dash) {
    return QStringLiteral("<span style='color:%1'><b>%2%2</b></span>&nbsp;").arg(color.name()).arg(dash);
  };
  if (const auto& cell = chart_->hovered()) {
    const double perBin = static_cast<double>(chart_->timesteps()) / TimestepHistory::kBins;
    const double loss = cell->column.mean(cell->bin);
    const auto samples = static_cast<std::int64_t>(cell->column.count.at(static_cast<std::size_t>(cell->bin)));
    readout_->setText(
        part(stepsOf(cell->column)) +
        part(tr("t %1 to %2").arg(std::lround(cell->bin * perBin)).arg(std::lround((cell->bin + 1) * perBin) - 1)) +
        part(std::isfinite(loss) ? tr("mean loss <b>%1</b> of %2 samples", nullptr, plural(samples))
                                       .arg(locale.toString(loss, 'f', 4), count(samples))
                                 : tr("no sample fell here")));
    return;
  }
  readout_->setText(part(line(colors.smooth, QChar(0x2501)) + tr("now: %1").arg(stepsOf(chart_->now()))) +
                    part(line(colors.lr, QChar(0x254d)) + tr("then: %1").arg(stepsOf(chart_->then()))));
}

}  // namespace dw::ui
