// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/closing_guard.h"

#include <QDialog>
#include <QLabel>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "numbers/number_text.h"
#include "session/training/training_session.h"

namespace dw::ui {

ClosingGuard::ClosingGuard(TrainingSession* session, QWidget* window)
    : QObject(window), session_(session), window_(window) {
  connect(session_, &TrainingSession::stateChanged, this, &ClosingGuard::watch);
}

bool ClosingGuard::allowsClose() {
  if (!session_->isBusy()) return true;
  if (!stopping_) ask();
  return false;
}

void ClosingGuard::ask() {
  if (question_) return question_->raise();
  question_ = new QMessageBox(QMessageBox::Question, tr("Training is under way"),
                              tr("A run is training. Stop it and close?"), QMessageBox::NoButton, window_);
  question_->setObjectName(QStringLiteral("closeQuestion"));
  question_->setInformativeText(tr("Stopping saves a checkpoint, from which the run can go on later."));
  auto* stop = question_->addButton(tr("Stop and save"), QMessageBox::AcceptRole);
  stop->setObjectName(QStringLiteral("stopAndSave"));
  auto* keep = question_->addButton(tr("Keep training"), QMessageBox::RejectRole);
  keep->setObjectName(QStringLiteral("keepTraining"));
  question_->setDefaultButton(keep);
  question_->setEscapeButton(keep);
  question_->setAttribute(Qt::WA_DeleteOnClose);
  connect(stop, &QPushButton::clicked, this, &ClosingGuard::stopAndClose);
  question_->open();  // not exec(): the window goes on drawing
}

void ClosingGuard::stopAndClose() {
  if (!session_->isBusy()) return Q_EMIT mayClose();
  if (stopping_) return;
  stopping_ = true;
  showSaving();
  session_->stop();
}

void ClosingGuard::showSaving() {
  saving_ = new QDialog(window_);
  saving_->setObjectName(QStringLiteral("savingDialog"));
  saving_->setWindowTitle(tr("Closing"));
  saving_->setWindowModality(Qt::WindowModal);
  saving_->setAttribute(Qt::WA_DeleteOnClose);
  auto* column = new QVBoxLayout(saving_);
  column->setContentsMargins(24, 20, 24, 20);
  column->setSpacing(12);
  column->addWidget(
      new QLabel(tr("Finishing step %1 and saving the checkpoint…").arg(count(session_->last().step + 1))));
  auto* bar = new QProgressBar;
  bar->setRange(0, 0);
  bar->setMinimumWidth(320);
  bar->setAccessibleName(tr("Saving"));
  column->addWidget(bar);
  saving_->open();
}

void ClosingGuard::watch() {
  // The run may end by itself while the question is still open: then there is nothing left to ask.
  if (session_->isBusy()) return;
  if (question_ && !stopping_) {
    question_->close();
    return Q_EMIT mayClose();
  }
  if (!stopping_) return;
  stopping_ = false;
  if (saving_) saving_->close();
  // A checkpoint that could not be saved is told in the window; closing now would hide it.
  if (session_->state() != messages::State::Failed) Q_EMIT mayClose();
}

}  // namespace dw::ui
