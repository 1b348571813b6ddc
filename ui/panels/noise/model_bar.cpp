// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/noise/model_bar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "numbers/number_text.h"
#include "run_folder/run_folder.h"
#include "session/noise/live_predictor.h"
#include "session/noise/noise_lab.h"
#include "session/training/training_session.h"

namespace dw::ui {

ModelBar::ModelBar(LivePredictor* predictor, NoiseLab* lab, TrainingSession* session, QWidget* parent)
    : QWidget(parent), predictor_(predictor), lab_(lab), session_(session) {
  setObjectName(QStringLiteral("modelBar"));
  source_ = new QComboBox;
  source_->setObjectName(QStringLiteral("noiseModel"));
  source_->setAccessibleName(tr("Model that is asked"));
  source_->addItems({tr("no model"), tr("training now"), tr("checkpoint…")});
  source_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  averaged_ = new QCheckBox(tr("average (EMA)"));
  averaged_->setObjectName(QStringLiteral("noiseModelEma"));
  averaged_->setToolTip(tr("Ask the moving average of the weights instead of the weights themselves"));
  state_ = new QLabel;
  state_->setObjectName(QStringLiteral("noiseModelState"));
  state_->setWordWrap(true);
  state_->setProperty("muted", true);
  auto* label = new QLabel(tr("Model"));
  label->setBuddy(source_);
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addWidget(label);
  row->addWidget(source_, 1);
  row->addWidget(averaged_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addLayout(row);
  column->addWidget(state_);
  connect(source_, &QComboBox::activated, this, &ModelBar::choose);
  connect(averaged_, &QCheckBox::toggled, this, &ModelBar::apply);
  connect(session_, &TrainingSession::stateChanged, this, &ModelBar::showState);
  connect(predictor_, &LivePredictor::modelChanged, this, &ModelBar::showState);
  connect(predictor_, &LivePredictor::seen, this, &ModelBar::take);
  connect(predictor_, &LivePredictor::failed, this, [this](const QString& sentence, const QString& remedy) {
    state_->setText(remedy.isEmpty() ? sentence : tr("%1; %2").arg(sentence, remedy));
  });
  showState();
}

void ModelBar::showCheckpoint(const QString& folder) {
  checkpoint_ = folder;
  source_->setCurrentIndex(Checkpoint);
  apply();
}

void ModelBar::showTraining() {
  source_->setCurrentIndex(Training);
  apply();
}

void ModelBar::switchOff() {
  source_->setCurrentIndex(Nothing);
  apply();
}

void ModelBar::choose(int row) {
  if (row == Checkpoint) {
    const auto start = session_->run() ? QString::fromStdString((session_->run()->folder / "checkpoints").string())
                                       : QString::fromStdString(run_folder::defaultRunsFolder().string());
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Choose a checkpoint: a folder step-…"), start);
    if (folder.isEmpty()) {  // as it was
      source_->setCurrentIndex(static_cast<int>(predictor_->source()));
      return;
    }
    checkpoint_ = folder;
  }
  apply();
}

void ModelBar::apply() {
  const int row = source_->currentIndex();
  predictor_->setSource(static_cast<LivePredictor::Source>(row), averaged_->isChecked(), checkpoint_);
  if (row == Nothing) Q_EMIT switchedOff();
  showState();
}

void ModelBar::showState() {
  averaged_->setEnabled(source_->currentIndex() != Nothing);
  if (predictor_->model()) return;  // the next answer says more
  switch (source_->currentIndex()) {
    case Nothing:
      state_->setText(tr("Choose a model to see its guess of ε, the sample without it, and the error."));
      break;
    case Training:
      state_->setText(session_->isBusy() ? tr("Waiting for the weights of the next step …")
                                         : tr("Nothing is trained now. Press Train, or choose a checkpoint."));
      break;
    default: state_->setText(tr("Reading the checkpoint …")); break;
  }
}

void ModelBar::take(const ModelView& view) {
  QString text = tr("<b>%1 of step %2</b> at t = %3:<br>mean (guess − ε)² = <b>%4</b>")
                     .arg(view.averaged ? tr("Average") : tr("Weights"), count(view.step))
                     .arg(view.t)
                     .arg(shortNumber(view.meanSquare));
  if (!(view.trainedWith == lab_->settings()))
    text += QStringLiteral("<br>") + tr("It was trained with another schedule than the one shown.");
  state_->setText(text);
}

}  // namespace dw::ui
