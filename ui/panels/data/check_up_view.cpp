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

#include "numbers/number_text.h"
#include "panels/data/channel_table.h"
#include "panels/data/class_table.h"
#include "panels/data/file_facts.h"
#include "session/dataset/dataset_session.h"

namespace dw::ui {
namespace {

QLabel* wrapped(const QString& text, const char* property) {
  auto* label = new QLabel(text);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setProperty(property, true);
  return label;
}

QPushButton* button(const char* name) {
  auto* made = new QPushButton;
  made->setObjectName(QLatin1String(name));
  return made;
}

}  // namespace

CheckUpView::CheckUpView(DatasetSession* session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      verdict_(wrapped({}, "subheading")),
      progressBox_(new QWidget),
      progress_(new QProgressBar),
      left_(wrapped({}, "muted")),
      stop_(button("checkUpStop")),
      problems_(new QVBoxLayout),
      facts_(new QLabel),
      table_(makeChannelTable()),
      scale_(wrapped({}, "muted")),
      useScale_(button("useScale")),
      uneven_(wrapped({}, "muted")),
      standardize_(button("useStandardize")),
      classes_(new ClassTable) {
  setObjectName(QStringLiteral("checkUp"));
  build();
  connectAll();
}

void CheckUpView::build() {
  verdict_->setObjectName(QStringLiteral("checkUpVerdict"));
  progress_->setObjectName(QStringLiteral("checkUpProgress"));
  progress_->setAccessibleName(tr("Progress of the check-up"));
  progress_->setRange(0, 1000);
  left_->setObjectName(QStringLiteral("checkUpLeft"));
  stop_->setToolTip(tr("Stop reading the file"));
  facts_->setObjectName(QStringLiteral("checkUpFacts"));
  facts_->setWordWrap(true);
  facts_->setTextFormat(Qt::RichText);
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  table_->setObjectName(QStringLiteral("checkUpTable"));
  table_->setAccessibleName(tr("Figures of each channel of the dataset"));
  uneven_->setObjectName(QStringLiteral("unevenChannels"));
  standardize_->setText(tr("Standardize each channel"));
  auto* progressRow = new QHBoxLayout(progressBox_);
  progressRow->setContentsMargins(0, 0, 0, 0);
  progressRow->addWidget(progress_, 1);
  progressRow->addWidget(stop_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 8, 12, 12);
  column->setSpacing(8);
  for (auto* widget : std::initializer_list<QWidget*>{verdict_, progressBox_, left_}) column->addWidget(widget);
  column->addLayout(problems_);
  column->addWidget(facts_);
  column->addWidget(table_);
  column->addWidget(scale_);
  column->addWidget(useScale_, 0, Qt::AlignLeft);
  column->addWidget(uneven_);
  column->addWidget(standardize_, 0, Qt::AlignLeft);
  column->addWidget(classes_);
  column->addStretch(1);
}

void CheckUpView::connectAll() {
  connect(stop_, &QPushButton::clicked, this, [this] {
    if (!session_->isCheckingUp()) return session_->startCheckUp(), showBegin();
    session_->stopCheckUp();
    showStopped(tr("The check-up was stopped."));
  });
  connect(session_, &DatasetSession::opened, this, &CheckUpView::showBegin);
  connect(session_, &DatasetSession::readFailed, this, [this] {
    if (!session_->isCheckingUp() && !session_->checkUp())
      showStopped(tr("The check-up could not read the whole file."));
  });
  connect(session_, &DatasetSession::checkUpAbandoned, this,
          [this] { showStopped(tr("The check-up was stopped, because the file changed meanwhile.")); });
  connect(session_, &DatasetSession::checkUpProgress, this, &CheckUpView::showProgress);
  connect(session_, &DatasetSession::checkUpDone, this, &CheckUpView::showResult);
  connect(useScale_, &QPushButton::clicked, this,
          [this] { Q_EMIT scaleChosen(session_->checkUp()->report.suggestedScale); });
  connect(standardize_, &QPushButton::clicked, this, &CheckUpView::standardizeChosen);
}

void CheckUpView::clearProblems() {
  while (auto* item = problems_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
}

void CheckUpView::showBegin() {
  verdict_->setText(tr("Reading every sample once…"));
  progress_->setValue(0);
  progress_->show();
  progressBox_->show();
  left_->clear();
  left_->show();
  remaining_.start();
  stop_->setText(tr("Stop"));
  facts_->setText(factsAsTable(*session_));
  clearProblems();
  for (auto* widget : std::initializer_list<QWidget*>{table_, scale_, useScale_, uneven_, standardize_, classes_})
    widget->hide();
  Q_EMIT begun();
}

void CheckUpView::showProgress(double fraction) {
  progress_->setValue(static_cast<int>(fraction * 1000));
  left_->setText(remaining_.text(fraction));
}

void CheckUpView::showStopped(const QString& verdict) {
  progress_->hide();
  left_->hide();
  verdict_->setText(verdict);
  stop_->setText(tr("Check again"));
  Q_EMIT stopped();
}

void CheckUpView::showResult() {
  const auto& result = *session_->checkUp();
  progressBox_->hide();
  left_->hide();
  const QString read = tr("%1 samples read in %2", nullptr, plural(result.samplesRead))
                           .arg(count(result.samplesRead), secondsText(result.seconds));
  verdict_->setText(result.report.problems.empty()
                        ? tr("Nothing wrong was found. %1.").arg(read)
                        : tr("Findings: %1. %2.").arg(result.report.problems.size()).arg(read));
  clearProblems();
  for (const auto& problem : result.report.problems) problems_->addWidget(makeProblem(problem));
  fillChannelTable(table_, result.channels);
  table_->show();
  classes_->fill(*session_, result.perClass);
  classes_->setVisible(!result.perClass.empty());
  showAdvice();
}

void CheckUpView::showAdvice() {
  const auto& result = *session_->checkUp();
  // Diffusion assumes data of about unit variance; within 5 % nothing would be gained.
  const bool worthIt = result.report.suggestedScale > 0.0 && std::abs(result.report.suggestedScale - 1.0) > 0.05;
  scale_->setVisible(result.report.suggestedScale > 0.0);
  scale_->setText(worthIt
                      ? tr("The noise has a standard deviation of 1. A data scale of %1 gives the samples the same.")
                            .arg(shortNumber(result.report.suggestedScale))
                      : tr("The samples have a standard deviation near 1, as the noise has: a data scale of 1 fits."));
  useScale_->setVisible(worthIt);
  useScale_->setText(tr("Use data scale %1").arg(shortNumber(result.report.suggestedScale)));
  uneven_->setVisible(result.report.unevenChannels);
  uneven_->setText(tr(
      "The channels differ: one factor cannot bring them all to the noise's scale. Standardizing shifts and scales each "
      "channel to mean 0 and standard deviation 1; the figures are kept with the run and undone when it samples."));
  standardize_->setVisible(result.report.unevenChannels);
}

QWidget* CheckUpView::makeProblem(const Problem& problem) {
  auto* frame = new QFrame;
  frame->setProperty("card", problem.severity == Severity::Error     ? QStringLiteral("error")
                             : problem.severity == Severity::Warning ? QStringLiteral("warning")
                                                                     : QStringLiteral("info"));
  auto* column = new QVBoxLayout(frame);
  column->setContentsMargins(10, 6, 10, 6);
  column->setSpacing(4);
  column->addWidget(wrapped(QString::fromStdString(problem.sentence), "plain"));
  if (!problem.remedy.empty()) column->addWidget(wrapped(QString::fromStdString(problem.remedy), "muted"));
  if (problem.field == "data" && !session_->checkUp()->badSamples.empty()) column->addWidget(makeBadSampleRow());
  return frame;
}

QWidget* CheckUpView::makeBadSampleRow() {
  badShown_ = 0;
  auto* row = new QWidget;
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* show = button("showBadSample");
  auto* which = wrapped({}, "muted");
  const auto name = [this, show, which] {
    const auto& bad = session_->checkUp()->badSamples;
    show->setText(tr("Show sample %1").arg(count(bad[badShown_])));
    which->setText(bad.size() > 1 ? tr("%1 of %2").arg(badShown_ + 1).arg(bad.size()) : QString());
  };
  // The button leads to one after the other, so that each can be looked at.
  connect(show, &QPushButton::clicked, this, [this, name] {
    const auto& bad = session_->checkUp()->badSamples;
    Q_EMIT sampleWanted(bad[badShown_]);
    badShown_ = (badShown_ + 1) % bad.size();
    name();
  });
  name();
  auto* skip = button("skipBadSamples");
  skip->setText(tr("Train without them"));
  skip->setToolTip(tr("Sets “skip broken samples” in the recipe"));
  connect(skip, &QPushButton::clicked, this, &CheckUpView::skipBadChosen);
  layout->addWidget(show);
  layout->addWidget(which, 1);
  layout->addWidget(skip);
  return row;
}

}  // namespace dw::ui
