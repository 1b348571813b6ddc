// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/what_if_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

#include "plots/overlay_plot.h"
#include "session/dataset_session.h"
#include "session/recipe_draft.h"
#include "session/training_session.h"

namespace dw::ui {
namespace {

enum Column { Rate, EndLoss, Validation, Note, Columns };
constexpr int kMostRates = 8;  // curves that can be told apart

QString keyOf(std::size_t branch) { return QString::number(branch); }
QString rateInWords(double rate) { return QLocale().toString(rate, 'g', 3); }
QString lossInWords(double loss) { return std::isfinite(loss) ? QLocale().toString(loss, 'f', 4) : QString(); }

}  // namespace

std::vector<double> ratesIn(const QString& text, double present) {
  std::vector<double> rates;
  static const QRegularExpression between(QStringLiteral("[,;\\s]+"));
  for (auto word : text.split(between, Qt::SkipEmptyParts)) {
    const bool multiple = word.startsWith(QLatin1Char('x')) || word.startsWith(QChar(0x00D7));
    if (multiple) word.remove(0, 1);
    bool ok = false;
    const double value = word.toDouble(&ok) * (multiple ? present : 1.0);
    if (!ok || !std::isfinite(value) || value <= 0.0) return {};
    rates.push_back(value);
  }
  return rates;
}

WhatIfDialog::WhatIfDialog(LabSession* lab, TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, QWidget* parent)
    : QDialog(parent), lab_(lab), session_(session), draft_(draft), dataset_(dataset) {
  setObjectName(QStringLiteral("whatIfDialog"));
  setWindowTitle(tr("What if the learning rate were another one?"));
  layOut();
  connectAll();
  showState();
  resize(840, 600);
}

void WhatIfDialog::layOut() {
  auto* why = new QLabel(tr("Each rate is tried for some steps from where the run stands, all on the same batches and with the same noise: the "
                            "curves differ by the rate alone. The run itself is not touched."));
  why->setWordWrap(true);
  rates_ = new QLineEdit(QStringLiteral("x0.3, x1, x3"));
  rates_->setObjectName(QStringLiteral("whatIfRates"));
  rates_->setAccessibleName(tr("Rates to try"));
  rates_->setToolTip(tr("Numbers, or x0.3 for a multiple of the present rate, separated by commas"));
  steps_ = new QSpinBox;
  steps_->setObjectName(QStringLiteral("whatIfSteps"));
  steps_->setAccessibleName(tr("Steps of each rate"));
  steps_->setRange(1, 1'000'000);
  steps_->setValue(100);
  steps_->setSuffix(tr(" steps each"));
  start_ = new QPushButton;
  start_->setObjectName(QStringLiteral("whatIfStart"));
  progress_ = new QProgressBar;
  progress_->setObjectName(QStringLiteral("whatIfProgress"));
  progress_->setAccessibleName(tr("How far the comparison is"));
  progress_->setRange(0, 1000);
  words_ = new QLabel;
  words_->setObjectName(QStringLiteral("whatIfWords"));
  words_->setAccessibleName(tr("State of the comparison"));
  words_->setWordWrap(true);
  plot_ = new OverlayPlot;
  plot_->setEmptyText(tr("The loss of each rate appears here."));
  table_ = new QTableWidget(0, Columns);
  table_->setObjectName(QStringLiteral("whatIfTable"));
  table_->setAccessibleName(tr("Results"));
  table_->setHorizontalHeaderLabels({tr("rate"), tr("loss at the end"), tr("validation loss"), QString()});
  table_->horizontalHeader()->setStretchLastSection(true);
  table_->verticalHeader()->hide();
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setMaximumHeight(180);
  adopt_ = new QPushButton(tr("Use this rate"));
  adopt_->setObjectName(QStringLiteral("whatIfAdopt"));
  adopt_->setAccessibleName(tr("Use the selected rate"));

  auto* row = new QHBoxLayout;
  row->addWidget(rates_, 1);
  row->addWidget(steps_);
  row->addWidget(start_);
  auto* below = new QHBoxLayout;
  below->addWidget(words_, 1);
  below->addWidget(adopt_);
  auto* column = new QVBoxLayout(this);
  column->addWidget(why);
  column->addLayout(row);
  column->addWidget(progress_);
  column->addWidget(plot_, 1);
  column->addWidget(table_);
  column->addLayout(below);
}

void WhatIfDialog::connectAll() {
  connect(start_, &QPushButton::clicked, this, &WhatIfDialog::pressed);
  connect(adopt_, &QPushButton::clicked, this, &WhatIfDialog::adopt);
  connect(rates_, &QLineEdit::textChanged, this, &WhatIfDialog::showState);
  connect(table_, &QTableWidget::itemSelectionChanged, this, &WhatIfDialog::showState);
  connect(session_, &TrainingSession::actionsChanged, this, [this] {
    // "Save now" is answered by an event of its own, or by the end of the run.
    if (saving_ && !session_->isSaving()) {
      saving_ = false;
      if (session_->state() == run::State::Paused) begin();
    }
    showState();
  });
  connect(draft_, &RecipeDraft::problemsChanged, this, &WhatIfDialog::showState);
  connect(lab_, &LabSession::busyChanged, this, &WhatIfDialog::showState);
  connect(lab_, &LabSession::stepsTaken, this, &WhatIfDialog::takeSteps);
  connect(lab_, &LabSession::whatIfDone, this, &WhatIfDialog::showResult);
  connect(lab_, &LabSession::failed, this, &WhatIfDialog::showFailure);
  connect(lab_, &LabSession::cancelled, this, [this] {
    mine_ = false;
    words_->clear();
  });
  connect(lab_, &LabSession::progress, this, [this](const QString& activity, double fraction) {
    if (!mine_) return;
    progress_->setValue(static_cast<int>(1000.0 * fraction));
    words_->setText(activity);
  });
}

double WhatIfDialog::presentRate() const {
  if (session_->isBusy() && session_->recipe()) return session_->recipe()->optim.lr;
  return draft_->recipe().optim.lr;
}

QString WhatIfDialog::whyNot() const {
  if (lab_->isBusy()) return tr("Another try is under way.");
  if (session_->isBusy() && session_->state() != run::State::Paused) return tr("Pause the run first: the rates are tried from where it stands.");
  if (!session_->isBusy() && !session_->run() && !draft_->isReady()) return draft_->whyNotReady();
  const auto rates = ratesIn(rates_->text(), presentRate());
  if (rates.empty()) return tr("Write rates above 0, separated by commas, such as 0.0001, 0.0003, or multiples such as x0.3, x1, x3.");
  if (rates.size() > kMostRates) return tr("Up to %1 rates can be told apart in one picture.").arg(kMostRates);
  return {};
}

void WhatIfDialog::showState() {
  const QString why = whyNot();
  start_->setText(mine_ || saving_ ? tr("Cancel") : tr("Try"));
  start_->setAccessibleName(mine_ || saving_ ? tr("Give up trying") : tr("Try these rates"));
  start_->setEnabled(mine_ || (why.isEmpty() && !saving_));
  start_->setToolTip(mine_ ? QString() : why);
  rates_->setEnabled(!mine_);
  steps_->setEnabled(!mine_);
  progress_->setVisible(mine_);
  const bool idle = !mine_ && !saving_;
  if (idle && tried_.empty()) words_->setText(why);
  adopt_->setEnabled(idle && !table_->selectedItems().isEmpty());
}

void WhatIfDialog::pressed() {
  if (mine_) {
    lab_->cancel();
    start_->setEnabled(false);  // until the step in hand is done
    return;
  }
  if (!whyNot().isEmpty()) return;
  if (session_->state() == run::State::Paused && session_->canSave()) {
    saving_ = true;
    words_->setText(tr("Saving where the run stands"));
    session_->saveNow();
    showState();
    return;
  }
  begin();
}

void WhatIfDialog::begin() {
  const auto rates = ratesIn(rates_->text(), presentRate());
  if (rates.empty()) return;
  tried_ = rates;
  curves_.clear();
  table_->setRowCount(0);
  QList<OverlayRun> runs;
  for (std::size_t i = 0; i < rates.size(); ++i) runs.append({keyOf(i), rateInWords(rates[i])});
  plot_->setRuns({});  // the curves of another try must not stay
  plot_->setRuns(runs);
  mine_ = true;
  const bool begun = session_->run() ? lab_->whatIfIn(session_->run()->folder, rates, steps_->value())
                                     : lab_->whatIf({.recipe = draft_->recipe(), .data = dataset_->path().toStdString()}, rates, steps_->value());
  mine_ = begun;
  showState();
}

void WhatIfDialog::takeSteps(const QList<LabSession::Step>& steps) {
  if (!mine_) return;
  std::map<std::size_t, std::size_t> from;
  for (const auto& step : steps) {
    auto& curve = curves_[step.branch];
    from.emplace(step.branch, curve.size());
    curve.append(std::span(&step.metrics, 1));
  }
  for (const auto& [branch, first] : from) {
    if (first == 0) plot_->setHistory(keyOf(branch), curves_[branch]);
    else plot_->append(keyOf(branch), curves_[branch], first);
  }
}

void WhatIfDialog::showResult(const run::WhatIf& result) {
  if (!mine_) return;
  mine_ = false;
  const auto best = result.best();
  table_->setRowCount(static_cast<int>(result.branches.size()));
  for (std::size_t i = 0; i < result.branches.size(); ++i) {
    const auto& branch = result.branches[i];
    const auto row = static_cast<int>(i);
    const auto put = [&](int column, const QString& text) { table_->setItem(row, column, new QTableWidgetItem(text)); };
    put(Rate, rateInWords(branch.rate));
    put(EndLoss, lossInWords(branch.endLoss));
    put(Validation, branch.validation ? lossInWords(*branch.validation) : QString());
    put(Note, !branch.failure.empty() ? QString::fromStdString(branch.failure) : best == i ? tr("lowest") : QString());
  }
  if (best) table_->selectRow(static_cast<int>(*best));
  if (result.cancelled) words_->setText(tr("Given up; the run stands as it did."));
  else if (best) words_->setText(tr("Of these, %1 learns fastest over %n step(s).", nullptr, steps_->value()).arg(rateInWords(result.branches[*best].rate)));
  else words_->setText(tr("No rate held: try smaller ones."));
  showState();
}

void WhatIfDialog::showFailure(const JobFailure& failure) {
  if (!mine_) return;
  mine_ = false;
  tried_.clear();
  words_->setText(failure.remedy.isEmpty() ? failure.sentence : QStringLiteral("%1. %2").arg(failure.sentence, failure.remedy));
  showState();
}

void WhatIfDialog::adopt() {
  const auto row = table_->currentRow();
  if (row < 0 || static_cast<std::size_t>(row) >= tried_.size()) return;
  const double rate = tried_[static_cast<std::size_t>(row)];
  if (session_->isBusy()) {
    if (session_->setLearningRate(rate)) words_->setText(tr("The run goes on with %1 when you resume it.").arg(rateInWords(rate)));
    return;
  }
  draft_->setField(QStringLiteral("optim.lr"), QString::number(rate, 'g', 6));
  words_->setText(tr("The recipe of the next run has %1 now.").arg(rateInWords(rate)));
}

}  // namespace dw::ui
