// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/what_if_dialog.h"

#include <QBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QLocale>
#include <QRegularExpression>
#include <QSpinBox>
#include <QTableWidget>
#include <cmath>

#include "numbers/number_text.h"
#include "numbers/typed_number.h"
#include "plots/overlay_plot.h"

namespace dw::ui {
namespace {

enum Column { Rate, EndLoss, Validation, Note, Columns };
constexpr int kMostRates = 8;  // curves that can be told apart

QString keyOf(std::size_t branch) { return QString::number(branch); }
QString rateText(double rate) { return QLocale().toString(rate, 'g', 3); }
bool isMultiple(const QString& word) { return word.startsWith(QLatin1Char('x')) || word.startsWith(QChar(0x00D7)); }

/// Words between blanks, semicolons and commas, but a comma inside one number is a decimal comma: "0,001, 0,003".
QStringList rateWords(const QString& text) {
  static const QRegularExpression between(QStringLiteral(",?\\s+|,?;\\s*|,$"));
  static const QRegularExpression digitsWithComma(QStringLiteral("^[0-9]*,[0-9]+([eE][+-]?[0-9]+)?$"));
  QStringList words;
  for (const auto& word : text.split(between, Qt::SkipEmptyParts)) {
    if (digitsWithComma.match(isMultiple(word) ? word.mid(1) : word).hasMatch())
      words << word;
    else
      words << word.split(QLatin1Char(','), Qt::SkipEmptyParts);
  }
  return words;
}

QString lossText(double loss) { return std::isfinite(loss) ? QLocale().toString(loss, 'f', 4) : QString(); }

}  // namespace

std::vector<double> ratesIn(const QString& text, double present) {
  std::vector<double> rates;
  for (auto word : rateWords(text)) {
    const bool multiple = isMultiple(word);
    if (multiple) word.remove(0, 1);
    const double value = typedNumber(word).value_or(0.0) * (multiple ? present : 1.0);
    if (!std::isfinite(value) || value <= 0.0) return {};
    rates.push_back(value);
  }
  return rates;
}

WhatIfDialog::WhatIfDialog(TrialSession* trials, TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset,
                           QWidget* parent)
    : TrialDialog(
          QStringLiteral("whatIf"),
          {.title = tr("What if the learning rate were another one?"),
           .explained = tr(
               "Each rate is tried for some steps from the same weights, all on the same batches and with the same noise: the "
               "curves differ by the rate alone. The run itself is not touched."),
           .start = tr("Try"),
           .startName = tr("Try these rates")},
          trials, session, draft, dataset, parent) {
  layOut();
  connect(rates_, &QLineEdit::textChanged, this, &WhatIfDialog::inputsChanged);
  connect(table_, &QTableWidget::itemSelectionChanged, this, &WhatIfDialog::showState);
  connect(trials, &TrialSession::stepsTaken, this, &WhatIfDialog::takeSteps);
  connect(trials, &TrialSession::whatIfDone, this, &WhatIfDialog::showResult);
  showState();
}

void WhatIfDialog::layOut() {
  rates_ = new QLineEdit(QStringLiteral("x0.3, x1, x3"));
  rates_->setObjectName(QStringLiteral("whatIfRates"));
  rates_->setAccessibleName(tr("Rates to try"));
  rates_->setToolTip(tr("Numbers, or x0.3 for a multiple of the present rate, separated by commas"));
  steps_ = new QSpinBox;
  steps_->setObjectName(QStringLiteral("whatIfSteps"));
  steps_->setAccessibleName(tr("Steps of each rate"));
  steps_->setRange(1, 1'000'000);
  steps_->setValue(100);
  const auto showUnit = [this] { steps_->setSuffix(tr(" steps each", nullptr, steps_->value())); };
  connect(steps_, &QSpinBox::valueChanged, this, showUnit);
  showUnit();
  plot_ = new OverlayPlot;
  plot_->setEmptyText(tr("The loss of each rate appears here."));
  table_ = new QTableWidget(0, Columns);
  table_->setObjectName(QStringLiteral("whatIfTable"));
  table_->setAccessibleName(tr("Results"));
  table_->setHorizontalHeaderLabels({tr("rate"), tr("loss at the end"), tr("validation loss"), QString()});
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setStretchLastSection(true);
  table_->verticalHeader()->hide();
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setMaximumHeight(180);
  inputs()->addWidget(rates_, 1);
  inputs()->addWidget(steps_);
  body()->addWidget(plot_, 1);
  body()->addWidget(table_);
}

QString WhatIfDialog::whatIsWrong() const {
  const auto rates = ratesIn(rates_->text(), presentRate());
  if (rates.empty())
    return tr("Write rates above 0, separated by commas, such as 0.0001, 0.0003, or multiples such as x0.3, x1, x3.");
  if (rates.size() > kMostRates) return tr("Up to %1 rates can be told apart in one picture.").arg(kMostRates);
  return {};
}

void WhatIfDialog::enableInputs(bool on) {
  rates_->setEnabled(on);
  steps_->setEnabled(on);
}

std::optional<double> WhatIfDialog::chosenRate() const {
  const auto row = table_->currentRow();
  if (table_->selectedItems().isEmpty() || row < 0 || static_cast<std::size_t>(row) >= tried_.size())
    return std::nullopt;
  return tried_[static_cast<std::size_t>(row)];
}

bool WhatIfDialog::begin(const TrialOrigin& origin) {
  tried_ = ratesIn(rates_->text(), presentRate());
  curves_.clear();
  table_->setRowCount(0);
  QList<OverlayRun> runs;
  for (std::size_t i = 0; i < tried_.size(); ++i) runs.append({keyOf(i), rateText(tried_[i])});
  plot_->setRuns({});  // the curves of another try must not stay
  plot_->setRuns(runs);
  return trials()->whatIf(origin, tried_, steps_->value());
}

void WhatIfDialog::takeSteps(const QList<TrialSession::Step>& steps) {
  if (!isTrying()) return;
  std::map<std::size_t, std::size_t> from;
  for (const auto& step : steps) {
    auto& curve = curves_[step.branch];
    from.emplace(step.branch, curve.size());
    curve.append(std::span(&step.metrics, 1));
  }
  for (const auto& [branch, first] : from) {
    if (first == 0)
      plot_->setHistory(keyOf(branch), curves_[branch]);
    else
      plot_->append(keyOf(branch), curves_[branch], first);
  }
}

void WhatIfDialog::showResult(const trials::WhatIf& result) {
  if (!isTrying()) return;
  const auto best = result.best();
  table_->setRowCount(static_cast<int>(result.branches.size()));
  for (std::size_t i = 0; i < result.branches.size(); ++i) {
    const auto& branch = result.branches[i];
    const auto row = static_cast<int>(i);
    const auto put = [&](int column, const QString& text) { table_->setItem(row, column, new QTableWidgetItem(text)); };
    put(Rate, rateText(branch.rate));
    put(EndLoss, lossText(branch.endLoss));
    put(Validation, branch.validation ? lossText(*branch.validation) : QString());
    put(Note, !branch.failure.empty() ? QString::fromStdString(branch.failure) : best == i ? tr("lowest") : QString());
  }
  if (best) table_->selectRow(static_cast<int>(*best));
  if (result.cancelled)
    ended(tr("Given up; the run stands as it did."));
  else if (best)
    ended(tr("Of these, %1 learns fastest over %2 steps.", nullptr, steps_->value())
              .arg(rateText(result.branches[*best].rate), count(steps_->value())));
  else
    ended(tr("No rate held: try smaller ones."));
}

}  // namespace dw::ui
