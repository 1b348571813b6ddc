// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/run_detail.h"

#include <QDesktopServices>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include "panels/runs/checkpoint_list.h"
#include "panels/runs/run_facts.h"
#include "panels/runs/run_text.h"
#include "run_library/run_actions.h"
#include "session/runs/run_transfer.h"
#include "session/runs/runs_session.h"
#include "theme/icons.h"

namespace dw::ui {

RunDetail::RunDetail(RunsSession* session, RunTransfer* transfer, QWidget* parent)
    : QWidget(parent), session_(session), transfer_(transfer) {
  setObjectName(QStringLiteral("runDetail"));
  buildHead();
  buildMenu();
  facts_ = new RunFacts;
  note_ = new QPlainTextEdit;
  note_->setObjectName(QStringLiteral("runNote"));
  note_->setAccessibleName(tr("Note about the run"));
  note_->setPlaceholderText(tr("Note: what you tried, what came of it. Saved when you leave this box."));
  note_->setTabChangesFocus(true);
  note_->setFixedHeight(fontMetrics().lineSpacing() * 3 + 12);
  note_->installEventFilter(this);
  checkpoints_ = new CheckpointList(transfer_);
  layOut();
  connect(session_, &RunsSession::failed, this, [this] { askedName_.clear(); });
  connect(transfer_, &RunTransfer::started, this, &RunDetail::showState);
  connect(transfer_, &RunTransfer::ended, this, &RunDetail::showState);
}

void RunDetail::buildHead() {
  name_ = new QLineEdit;
  name_->setObjectName(QStringLiteral("runName"));
  name_->setAccessibleName(tr("Name of the run"));
  name_->setToolTip(tr("Type another name and press Enter to rename the run and its folder"));
  nameProblem_ = new QLabel;
  nameProblem_->setObjectName(QStringLiteral("runNameProblem"));
  nameProblem_->setWordWrap(true);
  nameProblem_->setTextFormat(Qt::PlainText);
  nameProblem_->hide();
  resume_ = new QPushButton(tr("Resume"));
  resume_->setObjectName(QStringLiteral("resumeRun"));
  resume_->setProperty("primary", true);
  connect(name_, &QLineEdit::editingFinished, this, &RunDetail::rename);
  connect(resume_, &QPushButton::clicked, this, [this] {
    if (newestState(run_, watch_) == run_folder::RunState::Finished)
      Q_EMIT moreStepsRequested(folder(), run_.stepsDone);
    else
      Q_EMIT resumeRequested(folder());
  });
}

void RunDetail::buildMenu() {
  more_ = new QToolButton;
  more_->setObjectName(QStringLiteral("runMore"));
  more_->setText(tr("More"));
  more_->setAccessibleName(tr("More that may be done with this run"));
  more_->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(more_);
  const auto add = [this, menu](const char* name, const QString& text, auto&& slot) {
    auto* action = menu->addAction(text);
    action->setObjectName(QLatin1String(name));
    connect(action, &QAction::triggered, this, slot);
    return action;
  };
  add("showFolder", tr("Show the &folder"), [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder())); });
  menu->addSeparator();
  oneFile_ = add("exportRun", tr("Export as one file…"), [this] { Q_EMIT exportRequested(folder(), OneFile); });
  add("exportCsv", tr("Export the curves as &CSV…"), [this] { Q_EMIT exportRequested(folder(), Csv); });
  add("exportTensorBoard", tr("Export the curves for &TensorBoard…"),
      [this] { Q_EMIT exportRequested(folder(), TensorBoard); });
  menu->addSeparator();
  archive_ = add("archiveRun", tr("&Archive"), [this] { session_->setArchived(folder(), !run_.archived); });
  trash_ = add("trashRun", tr("Move to the &trash"), [this] {
    saveNote();
    session_->moveToTrash(folder());
  });
  more_->setMenu(menu);
}

void RunDetail::layOut() {
  auto* head = new QHBoxLayout;
  head->setSpacing(8);
  head->addWidget(name_, 1);
  head->addWidget(resume_);
  head->addWidget(more_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addLayout(head);
  column->addWidget(nameProblem_);
  column->addWidget(facts_);
  column->addWidget(note_);
  column->addWidget(checkpoints_, 1);
}

void RunDetail::setRun(const run_library::RunSummary& run, RunWatch* watch) {
  const bool another = run.folder != run_.folder;
  if (another) saveNote();
  const bool renamed = run.name != run_.name;
  run_ = run;
  if (watch != watch_) {
    if (watch_) disconnect(watch_, nullptr, this, nullptr);
    watch_ = watch;
    connect(watch_, &RunWatch::stateChanged, this, &RunDetail::showState);
    connect(watch_, &RunWatch::grown, this, &RunDetail::showState);
    connect(watch_, &RunWatch::rewritten, this, &RunDetail::showState);
  }
  checkpoints_->setWatch(watch);
  if (another || renamed) {
    name_->setText(QString::fromStdString(run.name));
    nameProblem_->hide();
    askedName_.clear();
  }
  const auto note = QString::fromStdString(run.note);
  if (another || (note != savedNote_ && !note_->hasFocus())) {
    savedNote_ = note;
    note_->setPlainText(note);
  }
  showState();
}

void RunDetail::showState() {
  facts_->setRun(run_, watch_);
  const auto state = newestState(run_, watch_);
  const bool live = run_folder::isLive(state);
  const bool finished = state == run_folder::RunState::Finished;
  const bool mayGoOn = finished || state == run_folder::RunState::Stopped || state == run_folder::RunState::Failed ||
                       state == run_folder::RunState::Interrupted;
  const bool hasCheckpoint = watch_ && watch_->isRead() ? !watch_->checkpoints().empty() : run_.checkpoints > 0;
  resume_->setEnabled(mayGoOn && hasCheckpoint && run_.missing.empty());
  resume_->setText(finished ? tr("Train on…") : tr("Resume"));
  resume_->setToolTip(resume_->isEnabled() && finished ? tr("Go on past the planned end, from its last checkpoint")
                      : resume_->isEnabled()           ? tr("Go on with this run from its newest good checkpoint")
                      : mayGoOn && !hasCheckpoint      ? tr("It has no checkpoint to go on from")
                                                       : stateExplained(state, run_.ofThisProcess));
  name_->setReadOnly(live);
  trash_->setEnabled(!live);
  oneFile_->setEnabled(!live && !transfer_->isBusy());
  archive_->setText(run_.archived ? tr("Take out of the &archive") : tr("&Archive"));
  trash_->setText(tr("Move to the &trash (%1)").arg(sizeText(run_.bytes)));
}

void RunDetail::rename() {
  const auto name = name_->text();
  if (name_->isReadOnly() || name == askedName_) return;
  if (name == QString::fromStdString(run_.name)) return nameProblem_->hide();
  const auto problems = run_library::checkRunName(name.toStdString());
  if (hasErrors(problems)) {
    nameProblem_->setText(QString::fromStdString(problems.front().sentence));
    return nameProblem_->show();
  }
  nameProblem_->hide();
  saveNote();
  askedName_ = name;
  session_->rename(folder(), name);
}

void RunDetail::saveNote() {
  const auto note = note_->toPlainText();
  if (note == savedNote_ || run_.folder.empty()) return;
  savedNote_ = note;
  session_->setNote(folder(), note);
}

bool RunDetail::eventFilter(QObject* watched, QEvent* event) {
  if (watched == note_ && event->type() == QEvent::FocusOut) saveNote();
  return QWidget::eventFilter(watched, event);
}

}  // namespace dw::ui
