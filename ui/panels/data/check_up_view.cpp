// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/check_up_view.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

#include "panels/data/pixels.h"
#include "panels/data/sample_detail.h"
#include "session/dataset_session.h"

namespace dw::ui {
namespace {

QLabel* wrapped(const QString& text, const char* property) {
  auto* label = new QLabel(text);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setProperty(property, true);
  return label;
}

QWidget* makeProblem(const Problem& problem) {
  auto* frame = new QFrame;
  frame->setProperty("card", problem.severity == Severity::Error     ? QStringLiteral("error")
                             : problem.severity == Severity::Warning ? QStringLiteral("warning")
                                                                     : QStringLiteral("info"));
  auto* column = new QVBoxLayout(frame);
  column->setContentsMargins(10, 6, 10, 6);
  column->addWidget(wrapped(QString::fromStdString(problem.sentence), "plain"));
  if (!problem.remedy.empty()) column->addWidget(wrapped(QString::fromStdString(problem.remedy), "muted"));
  return frame;
}

}  // namespace

CheckUpView::CheckUpView(DatasetSession* session, QWidget* parent)
    : QWidget(parent), session_(session), verdict_(wrapped({}, "subheading")), progress_(new QProgressBar),
      stop_(new QPushButton(tr("Stop"))), problems_(new QVBoxLayout), table_(makeChannelTable()),
      scale_(wrapped({}, "muted")), useScale_(new QPushButton) {
  setObjectName(QStringLiteral("checkUp"));
  verdict_->setObjectName(QStringLiteral("checkUpVerdict"));
  progress_->setObjectName(QStringLiteral("checkUpProgress"));
  progress_->setAccessibleName(tr("Progress of the check-up"));
  progress_->setRange(0, 1000);
  stop_->setObjectName(QStringLiteral("checkUpStop"));
  stop_->setToolTip(tr("Stop reading the file"));
  table_->setObjectName(QStringLiteral("checkUpTable"));
  table_->setAccessibleName(tr("Figures of each channel of the dataset"));
  useScale_->setObjectName(QStringLiteral("useScale"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 12, 12, 12);
  column->setSpacing(8);
  column->addWidget(verdict_);
  auto* row = new QHBoxLayout;
  row->addWidget(progress_, 1);
  row->addWidget(stop_);
  column->addLayout(row);
  column->addLayout(problems_);
  column->addWidget(table_);
  column->addWidget(scale_);
  column->addWidget(useScale_, 0, Qt::AlignLeft);
  column->addStretch(1);
  connect(stop_, &QPushButton::clicked, this, [this] {
    if (!session_->isCheckingUp()) return session_->startCheckUp(), showBegin();
    session_->stopCheckUp();
    progress_->hide();
    verdict_->setText(tr("The check-up was stopped."));
    stop_->setText(tr("Check again"));
  });
  connect(session_, &DatasetSession::opened, this, &CheckUpView::showBegin);
  connect(session_, &DatasetSession::checkUpProgress, this,
          [this](double fraction) { progress_->setValue(static_cast<int>(fraction * 1000)); });
  connect(session_, &DatasetSession::checkUpDone, this, &CheckUpView::showResult);
  connect(useScale_, &QPushButton::clicked, this, [this] { Q_EMIT scaleChosen(session_->checkUp()->suggestedScale); });
}

void CheckUpView::showBegin() {
  verdict_->setText(tr("Reading every sample once…"));
  progress_->setValue(0);
  progress_->show();
  stop_->setText(tr("Stop"));
  stop_->show();
  table_->hide();
  scale_->hide();
  useScale_->hide();
  while (auto* item = problems_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
}

void CheckUpView::showResult() {
  const auto& result = *session_->checkUp();
  progress_->hide();
  stop_->hide();
  const QString read = tr("%1 samples read in %2 s").arg(count(result.samplesRead), QString::number(result.seconds, 'f', 1));
  verdict_->setText(result.problems.empty() ? tr("Nothing wrong was found. %1.").arg(read)
                                            : tr("Findings: %1. %2.").arg(result.problems.size()).arg(read));
  for (const auto& problem : result.problems) problems_->addWidget(makeProblem(problem));
  fillChannelTable(table_, result.channels);
  table_->show();
  // Diffusion assumes data of about unit variance; within 5 % nothing would be gained.
  const bool worthIt = result.suggestedScale > 0.0 && std::abs(result.suggestedScale - 1.0) > 0.05;
  scale_->setVisible(result.suggestedScale > 0.0);
  scale_->setText(worthIt ? tr("The noise has a standard deviation of 1. A data scale of %1 gives the samples the same.")
                                .arg(shortNumber(result.suggestedScale))
                          : tr("The samples have a standard deviation near 1, as the noise has: a data scale of 1 fits."));
  useScale_->setVisible(worthIt);
  useScale_->setText(tr("Use data scale %1").arg(shortNumber(result.suggestedScale)));
}

}  // namespace dw::ui
