// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/range_test_dialog.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSpinBox>
#include <cmath>

#include "config/live_fields.h"
#include "numbers/typed_number.h"
#include "plots/range_plot.h"

namespace dw::ui {
namespace {

constexpr double kGreatest = 10.0;  // as config::validateLive

std::optional<double> rateIn(const QLineEdit* edit) {
  const auto rate = typedNumber(edit->text());
  return rate && *rate > 0.0 ? rate : std::nullopt;
}

}  // namespace

RangeTestDialog::RangeTestDialog(TrialSession* trials, TrainingSession* session, RecipeDraft* draft,
                                 DatasetSession* dataset, QWidget* parent)
    : TrialDialog(
          QStringLiteral("rangeTest"),
          {.title = tr("Which learning rates does this model bear?"),
           .explained = tr(
               "The rate rises a little at each step of a short try, until the loss blows up. A good rate lies where the loss falls "
               "fastest, well before that. The run itself is not touched."),
           .start = tr("Test"),
           .startName = tr("Test this range of rates")},
          trials, session, draft, dataset, parent) {
  layOut();
  for (auto* edit : {lowest_, highest_}) connect(edit, &QLineEdit::textChanged, this, &RangeTestDialog::inputsChanged);
  connect(chosen_, &QLineEdit::textChanged, this, [this] {
    plot_->setChosen(chosenRate());
    showState();
  });
  connect(plot_, &RangePlot::ratePicked, this, &RangeTestDialog::choose);
  connect(trials, &TrialSession::stepsTaken, this, &RangeTestDialog::takeSteps);
  connect(trials, &TrialSession::rangeTestDone, this, &RangeTestDialog::showResult);
  showState();
}

void RangeTestDialog::layOut() {
  const auto makeEdit = [](const char* name, const QString& accessible, const QString& text) {
    auto* edit = new QLineEdit(text);
    edit->setObjectName(QLatin1String(name));
    edit->setAccessibleName(accessible);
    edit->setFixedWidth(96);
    return edit;
  };
  lowest_ = makeEdit("rangeTestLowest", tr("Lowest rate"), QStringLiteral("1e-6"));
  highest_ = makeEdit("rangeTestHighest", tr("Highest rate"), QStringLiteral("0.1"));
  chosen_ = makeEdit("rangeTestRate", tr("Rate to use"), {});
  chosen_->setToolTip(tr("The suggestion, a rate that you click in the chart, or one that you type"));
  steps_ = new QSpinBox;
  steps_->setObjectName(QStringLiteral("rangeTestSteps"));
  steps_->setAccessibleName(tr("Steps of the test"));
  steps_->setRange(20, 100'000);
  steps_->setValue(100);
  steps_->setSuffix(tr(" steps"));
  plot_ = new RangePlot;
  plot_->setEmptyText(tr("The loss at each rate appears here."));
  auto* to = new QLabel(tr("to"));
  inputs()->addWidget(new QLabel(tr("Rates from")));
  for (QWidget* widget : std::initializer_list<QWidget*>{lowest_, to, highest_, steps_}) inputs()->addWidget(widget);
  inputs()->addStretch(1);
  auto* row = new QHBoxLayout;
  row->addWidget(new QLabel(tr("Rate to use")));
  row->addWidget(chosen_);
  row->addStretch(1);
  body()->addWidget(plot_, 1);
  body()->addLayout(row);
}

QString RangeTestDialog::whatIsWrong() const {
  for (const auto* edit : {lowest_, highest_}) {
    if (!edit->text().trimmed().isEmpty() && !typedNumber(edit->text())) return whyNoNumber(edit->text());
  }
  const auto lowest = rateIn(lowest_), highest = rateIn(highest_);
  if (!lowest || !highest) return tr("Write the lowest and the highest rate as numbers above 0, such as 1e-6 and 0.1.");
  if (*highest <= *lowest) return tr("The highest rate must be above the lowest.");
  if (*highest > kGreatest) return tr("No run takes a rate above %1.").arg(QLocale().toString(kGreatest));
  return {};
}

void RangeTestDialog::enableInputs(bool on) {
  for (QWidget* widget : std::initializer_list<QWidget*>{lowest_, highest_, steps_, chosen_}) widget->setEnabled(on);
}

std::optional<double> RangeTestDialog::chosenRate() const {
  const auto rate = rateIn(chosen_);
  return rate && config::validateLive(config::LiveField::LearningRate, *rate, 0).empty() ? rate : std::nullopt;
}

bool RangeTestDialog::begin(const TrialOrigin& origin) {
  const double lowest = *rateIn(lowest_), highest = *rateIn(highest_);
  plot_->clear();
  chosen_->clear();
  return trials()->rangeTest(origin, lowest, highest, steps_->value());
}

void RangeTestDialog::takeSteps(const QList<TrialSession::Step>& steps) {
  if (!isTrying()) return;
  for (const auto& step : steps) plot_->append(step.metrics.lr, step.metrics.loss);
}

void RangeTestDialog::showResult(const trials::RangeTest& result) {
  if (!isTrying()) return;
  const auto last = result.steps.empty() ? QString() : QLocale().toString(result.steps.back().lr, 'g', 3);
  QString words;
  if (result.cancelled)
    words = tr("Given up; the run stands as it did.");
  else if (result.blewUp)
    words = tr("The loss blew up at a rate of about %1.").arg(last);
  else
    words = tr("The loss held up to the highest rate, %1.").arg(last);
  if (result.suggested) {
    words += QLatin1Char(' ') + tr("It fell fastest at about %1.").arg(QLocale().toString(*result.suggested, 'g', 3));
    choose(*result.suggested);
  } else if (!result.cancelled) {
    words += QLatin1Char(' ') + tr("It fell nowhere clearly: test more steps, or a wider range.");
  }
  ended(words);
}

void RangeTestDialog::choose(double rate) { chosen_->setText(QString::number(rate, 'g', 3)); }

}  // namespace dw::ui
