// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/sample_form.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "panels/samples/checkpoint_choice.h"
#include "panels/samples/sampler_fields.h"

namespace dw::ui {

SampleForm::SampleForm(RunsSession* runs, TrainingSession* training, const inference::Backend& backend, QWidget* parent)
    : QWidget(parent),
      first_(new CheckpointChoice(runs, training,
                                  {.name = QStringLiteral("sample"), .label = tr("run"), .follows = true})),
      second_(new CheckpointChoice(runs, training,
                                   {.name = QStringLiteral("sampleB"), .label = tr("B: run"), .follows = false})),
      fields_(new SamplerFields(backend)) {
  setObjectName(QStringLiteral("orderForm"));
  build();
  layOut();
  connectAll();
  showCompared(false);
  setState(false, false);
}

void SampleForm::build() {
  averaged_ = new QCheckBox(tr("average (EMA)"));
  averaged_->setObjectName(QStringLiteral("sampleEma"));
  averaged_->setToolTip(tr("Use the moving average of the weights, which usually samples better"));
  averaged_->setChecked(true);
  compared_ = new QCheckBox(tr("A | B"));
  compared_->setObjectName(QStringLiteral("sampleCompared"));
  compared_->setAccessibleName(tr("Compare two checkpoints, A and B"));
  compared_->setToolTip(tr("Draw the same pictures with two checkpoints, A and B, and show what differs"));
  go_ = new QPushButton;
  go_->setObjectName(QStringLiteral("sampleGo"));
  go_->setProperty("primary", true);
  progress_ = new QProgressBar;
  progress_->setObjectName(QStringLiteral("sampleProgress"));
  progress_->setAccessibleName(tr("Progress of sampling"));
  progress_->setRange(0, 1000);
  problem_ = new QLabel;
  problem_->setObjectName(QStringLiteral("sampleProblem"));
  problem_->setProperty("problem", true);
  problem_->setWordWrap(true);
  fix_ = new QPushButton;
  fix_->setObjectName(QStringLiteral("sampleFix"));
  fix_->setAccessibleName(tr("Mend the order"));
}

void SampleForm::layOut() {
  auto* first = new QHBoxLayout;
  first->setSpacing(8);
  first->addWidget(first_, 1);
  first->addWidget(averaged_);
  first->addWidget(compared_);
  first->addWidget(go_);
  auto* wrong = new QHBoxLayout;
  wrong->setSpacing(8);
  wrong->addWidget(problem_, 1);
  wrong->addWidget(fix_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addLayout(first);
  column->addWidget(second_);
  column->addWidget(fields_);
  column->addWidget(progress_);
  column->addLayout(wrong);
  showProblems({});
}

void SampleForm::connectAll() {
  connect(go_, &QPushButton::clicked, this, [this] { busy_ ? cancelRequested() : sampleRequested(); });
  connect(fix_, &QPushButton::clicked, this, &SampleForm::mend);
  connect(compared_, &QCheckBox::toggled, this, &SampleForm::showCompared);
  connect(second_, &CheckpointChoice::changed, this, [this] { setState(busy_, false); });
  connect(first_, &CheckpointChoice::changed, this, [this] {
    setState(busy_, false);
    Q_EMIT checkpointChanged();
  });
}

void SampleForm::showCompared(bool compared) {
  second_->setVisible(compared);
  second_->setWatching(compared && isVisible());
  first_->setLabel(compared ? tr("A: run") : tr("run"));
  setState(busy_, false);
}

void SampleForm::setWatching(bool watching) {
  first_->setWatching(watching);
  second_->setWatching(watching && compared_->isChecked());
}

QList<SampleJob> SampleForm::jobs() const {
  const auto jobOf = [this](const CheckpointChoice* choice) {
    return SampleJob{.checkpoint = choice->folder(),
                     .averaged = averaged_->isEnabled() && averaged_->isChecked(),
                     .request = fields_->request(),
                     .contextOf = fields_->contextOf()};
  };
  QList<SampleJob> all;
  if (!first_->folder().isEmpty()) all.append(jobOf(first_));
  if (compared_->isChecked() && !second_->folder().isEmpty()) all.append(jobOf(second_));
  return all;
}

Problems SampleForm::unreadable() const { return fields_->unreadable(); }

void SampleForm::setModel(const inference::ModelFacts& model, qint64 contextSamples) {
  averaged_->setEnabled(model.averaged);
  averaged_->setToolTip(model.averaged ? tr("Use the moving average of the weights, which usually samples better")
                                       : tr("This checkpoint has no average of the weights"));
  fields_->setModel(model, contextSamples);
}

void SampleForm::setState(bool busy, bool cancelling) {
  if (busy && !busy_) remaining_.start();
  busy_ = busy;
  progress_->setVisible(busy);
  if (!busy) setProgress(0.0);
  go_->setText(cancelling ? tr("Cancelling …") : busy ? tr("Cancel") : tr("Sample"));
  const bool chosen = !first_->folder().isEmpty() && (!compared_->isChecked() || !second_->folder().isEmpty());
  go_->setEnabled(!cancelling && (busy || chosen));
}

void SampleForm::setProgress(double fraction) {
  progress_->setValue(static_cast<int>(1000.0 * fraction));
  const QString rest = remaining_.text(fraction);
  progress_->setFormat(rest.isEmpty() ? QStringLiteral("%p %") : QStringLiteral("%p %, ") + rest);
}

void SampleForm::showProblems(const Problems& problems) {
  problems_ = problems;
  fields_->mark(problems);
  problem_->setVisible(!problems.empty());
  fix_->setVisible(!problems.empty() && !problems.front().fix.empty());
  if (problems.empty()) return;
  const auto& first = problems.front();
  const auto sentence = QString::fromStdString(first.sentence), remedy = QString::fromStdString(first.remedy);
  problem_->setText(remedy.isEmpty() ? sentence : tr("%1; %2.").arg(sentence, remedy));
  fix_->setText(tr("Set to %1").arg(QString::fromStdString(first.fix)));
}

void SampleForm::mend() {
  if (problems_.empty()) return;
  fields_->mend(problems_.front());
  showProblems({problems_.begin() + 1, problems_.end()});
}

}  // namespace dw::ui
