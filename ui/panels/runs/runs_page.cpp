// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/runs_page.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QMetaMethod>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "numbers/number_text.h"
#include "panels/runs/checkpoint_list.h"
#include "panels/runs/run_comparison.h"
#include "panels/runs/run_detail.h"
#include "panels/runs/run_text.h"
#include "panels/runs/runs_list.h"
#include "panels/runs/transfer_bar.h"
#include "panels/runs/trash_dialog.h"
#include "panels/runs/weight_export_dialog.h"
#include "plots/overlay_plot.h"
#include "run_folder/run_folder.h"
#include "session/runs/run_transfer.h"
#include "session/runs/run_watch.h"
#include "session/runs/runs_session.h"
#include "workbench/page_host.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {
constexpr int kSideWidth = 416;
}  // namespace

RunsPage::RunsPage(RunsSession* session, RunTransfer* transfer, QWidget* parent)
    : QWidget(parent), session_(session), transfer_(transfer) {
  setObjectName(QStringLiteral("runsPage"));
  list_ = new RunsList(session_);
  plot_ = new OverlayPlot;
  plot_->setEmptyText(tr("Select a run to see its loss; select several to compare them."));
  detail_ = new RunDetail(session_, transfer_);
  comparison_ = new RunComparison;
  layOut();
  connect(list_, &RunsList::selectionChanged, this, &RunsPage::takeSelection);
  connect(list_, &RunsList::importRequested, this, &RunsPage::askForImport);
  connect(list_, &RunsList::trashRequested, this, &RunsPage::openTrash);
  connect(detail_, &RunDetail::resumeRequested, this,
          [this](const QString& folder) { Q_EMIT resumeRequested(folder, 0); });
  connect(detail_, &RunDetail::moreStepsRequested, this, &RunsPage::askForSteps);
  connect(detail_, &RunDetail::exportRequested, this, &RunsPage::askForTarget);
  connect(detail_->checkpoints(), &CheckpointList::branchRequested, this, &RunsPage::branchRequested);
  connect(detail_->checkpoints(), &CheckpointList::samplesRequested, this, &RunsPage::samplesRequested);
  connect(detail_->checkpoints(), &CheckpointList::weightsRequested, this, &RunsPage::askForWeights);
  connectSession();
  connectTransfer();
  showSide();
}

void RunsPage::layOut() {
  hint_ = new QLabel(tr("The selected run appears here: facts, note and checkpoints."));
  hint_->setProperty("muted", true);
  hint_->setAlignment(Qt::AlignCenter);
  hint_->setWordWrap(true);
  side_ = new QStackedWidget;
  side_->setObjectName(QStringLiteral("runsSide"));
  for (QWidget* page :
       {static_cast<QWidget*>(hint_), static_cast<QWidget*>(detail_), static_cast<QWidget*>(comparison_)})
    side_->addWidget(page);
  auto* main = new QSplitter(Qt::Vertical);
  main->addWidget(list_);
  main->addWidget(plot_);
  main->setHandleWidth(12);
  main->setChildrenCollapsible(false);
  main->setStretchFactor(0, 1);
  main->setStretchFactor(1, 1);
  main->setSizes({300, 260});
  auto* both = new QSplitter(Qt::Horizontal);
  both->setObjectName(QStringLiteral("runsSplitter"));
  both->addWidget(main);
  both->addWidget(side_);
  both->setHandleWidth(16);
  both->setStretchFactor(0, 1);
  both->setStretchFactor(1, 0);
  both->setSizes({2 * kSideWidth, kSideWidth});
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 8, 16, 8);
  column->setSpacing(8);
  column->addWidget(new TransferBar(transfer_));
  column->addWidget(both, 1);
  setMinimumSize(320, 240);
}

void RunsPage::connectSession() {
  connect(session_, &RunsSession::listed, this, &RunsPage::showSide);
  connect(session_, &RunsSession::renamed, this, [this](const QString&, const QString& to) { select(to); });
  connect(session_, &RunsSession::restored, this, &RunsPage::select);
  connect(session_, &RunsSession::failed, this, [this](const QString& sentence, const QString& remedy) {
    Q_EMIT cardRaised({QStringLiteral("runs"), Severity::Error, sentence, remedy, {}, {}});
  });
  connect(session_, &RunsSession::trashed, this, [this](const QString& name, const QString& folder, qulonglong bytes) {
    Q_EMIT cardRaised({QStringLiteral("trash"), Severity::Note,
                       tr("%1 (%2) was moved to the trash.").arg(name, sizeText(bytes)),
                       tr("It takes up its space until the trash is emptied (Trash… above the list)."), tr("Undo"),
                       [this, folder] { session_->restore(folder); }});
  });
}

void RunsPage::connectTransfer() {
  connect(transfer_, &RunTransfer::failed, this, [this](const QString& sentence, const QString& remedy) {
    Q_EMIT cardRaised({QStringLiteral("transfer"), Severity::Error, sentence, remedy, {}, {}});
  });
  connect(transfer_, &RunTransfer::started, this, [this] { Q_EMIT cardDropped(QStringLiteral("transfer")); });
  connect(transfer_, &RunTransfer::done, this, [this](const QString& sentence, const QStringList& leftOut) {
    Q_EMIT cardRaised({QStringLiteral("transfer"),
                       leftOut.isEmpty() ? Severity::Note : Severity::Warning,
                       sentence,
                       leftOut.join(QLatin1Char('\n')),
                       {},
                       {}});
  });
  connect(transfer_, &RunTransfer::imported, this, [this](const QString& folder) {
    session_->refresh();
    select(folder);
  });
}

void RunsPage::select(const QString& folder) { list_->select(folder); }

void RunsPage::takeSelection() {
  const auto folders = list_->selected();
  if (folders == selected_) return;
  selected_ = folders;
  const auto shown = folders.mid(0, kMostCurves);
  takeWatches(shown);
  QList<OverlayRun> curves;
  for (const auto& folder : shown) curves.append({folder, QFileInfo(folder).fileName()});
  plot_->setRuns(curves);
  for (const auto& folder : shown) {
    const auto* watch = watches_.value(folder);
    if (watch->isRead()) plot_->setHistory(folder, watch->history());
  }
  plot_->setTitle(shown.size() < folders.size()
                      ? tr("The first %1 of %2 selected runs").arg(shown.size()).arg(folders.size())
                  : folders.isEmpty()   ? QString()
                  : folders.size() == 1 ? tr("Loss: each step, and smoothed")
                                        : tr("Smoothed loss"));
  plot_->setEmptyText(folders.isEmpty() ? tr("Select a run to see its loss; select several to compare them.")
                                        : tr("No steps to be drawn yet."));
  showSide();
}

void RunsPage::takeWatches(const QStringList& folders) {
  for (const auto& folder : watches_.keys()) {
    if (!folders.contains(folder)) watches_.take(folder)->deleteLater();
  }
  for (const auto& folder : folders) {
    if (watches_.contains(folder)) continue;
    auto* watch = new RunWatch(folder, this);
    watch->setVisible(isVisible());
    watches_.insert(folder, watch);
    connect(watch, &RunWatch::rewritten, this, [this, watch] { plot_->setHistory(watch->folder(), watch->history()); });
    connect(watch, &RunWatch::grown, this, [this, watch](qulonglong from) {
      plot_->append(watch->folder(), watch->history(), static_cast<std::size_t>(from));
    });
    connect(watch, &RunWatch::failed, this, [this](const QString& sentence, const QString& remedy) {
      Q_EMIT cardRaised({QStringLiteral("runs"), Severity::Error, sentence, remedy, {}, {}});
    });
    connect(watch, &RunWatch::stateChanged, session_, [this, watch] {
      const auto* listed = session_->find(watch->folder());
      if (listed != nullptr && run_folder::isLive(listed->state) != run_folder::isLive(watch->state()))
        session_->refresh();
    });
  }
}

void RunsPage::showSide() {
  std::vector<run_library::RunSummary> chosen;
  for (const auto& folder : selected_) {
    if (const auto* run = session_->find(folder)) chosen.push_back(*run);
  }
  if (chosen.empty()) return side_->setCurrentWidget(hint_);
  if (chosen.size() > 1) {
    comparison_->setRuns(chosen);
    return side_->setCurrentWidget(comparison_);
  }
  detail_->setRun(chosen.front(), watches_.value(QString::fromStdString(chosen.front().folder.string())));
  side_->setCurrentWidget(detail_);
}

void RunsPage::askForTarget(const QString& folder, int what) {
  const QString name = QFileInfo(folder).fileName();
  QString target;
  if (what == RunDetail::TensorBoard) {
    target = QFileDialog::getExistingDirectory(this, tr("Folder for the TensorBoard file"), QDir::homePath());
  } else {
    const bool csv = what == RunDetail::Csv;
    const QString proposed =
        QDir::home().filePath(name + (csv ? QStringLiteral(".csv") : QStringLiteral(".dwbrun.zip")));
    target = QFileDialog::getSaveFileName(this, csv ? tr("Save the curves as CSV") : tr("Save the run as one file"),
                                          proposed);
  }
  if (!target.isEmpty()) exportTo(folder, what, target);
}

void RunsPage::exportTo(const QString& folder, int what, const QString& target) {
  switch (what) {
    case RunDetail::OneFile: return transfer_->exportRun(folder, target);
    case RunDetail::Csv: return transfer_->exportCsv(folder, target);
    default: return transfer_->exportTensorBoard(folder, target);
  }
}

void RunsPage::askForWeights(const QString& checkpoint) {
  auto* dialog = new WeightExportDialog(checkpoint, this);
  connect(dialog, &QDialog::accepted, this, [this, dialog] {
    const QString step = QFileInfo(dialog->checkpoint()).fileName();
    const QString run =
        QString::fromStdString(run_folder::runFolderOf(dialog->checkpoint().toStdString()).filename().string());
    const QString proposed = QDir::home().filePath(run + QLatin1Char('-') + step + QStringLiteral(".safetensors"));
    const QString file =
        QFileDialog::getSaveFileName(this, tr("Save the weights"), proposed, tr("Weights (*.safetensors)"));
    if (!file.isEmpty()) exportWeightsTo(dialog->checkpoint(), dialog->choice(), file);
  });
  dialog->open();
}

void RunsPage::exportWeightsTo(const QString& checkpoint, const weights::WeightExport& how, const QString& file) {
  transfer_->exportWeights(checkpoint, how, file);
}

void RunsPage::askForSteps(const QString& folder, qint64 done) {
  constexpr int kMost = 1'000'000'000;
  auto* dialog = new QInputDialog(this);
  dialog->setObjectName(QStringLiteral("moreSteps"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setInputMode(QInputDialog::IntInput);
  dialog->setWindowTitle(tr("Train on"));
  dialog->setLabelText(
      tr("%1 did the %2 steps that were planned.\nTrain on to how many steps in all?", nullptr, plural(done))
          .arg(QFileInfo(folder).fileName(), count(done)));
  dialog->setIntRange(static_cast<int>(std::min<qint64>(done + 1, kMost)), kMost);
  dialog->setIntValue(static_cast<int>(std::min<qint64>(2 * done, kMost)));
  connect(dialog, &QInputDialog::intValueSelected, this,
          [this, folder](int steps) { Q_EMIT resumeRequested(folder, steps); });
  dialog->open();
}

void RunsPage::openTrash() { (new TrashDialog(session_, transfer_, this))->open(); }

void RunsPage::askForImport() {
  const QString file =
      QFileDialog::getOpenFileName(this, tr("Import a run"), QDir::homePath(), tr("Runs as one file (*.zip)"));
  if (!file.isEmpty()) importFrom(file);
}

void RunsPage::importFrom(const QString& file) { transfer_->importRun(file, session_->folder()); }

void RunsPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  detail_->checkpoints()->setBranchable(isSignalConnected(QMetaMethod::fromSignal(&RunsPage::branchRequested)));
  detail_->checkpoints()->setSampleable(isSignalConnected(QMetaMethod::fromSignal(&RunsPage::samplesRequested)));
  session_->setWatching(true);
  for (auto* watch : watches_) watch->setVisible(true);
}

void RunsPage::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  detail_->saveNote();
  session_->setWatching(false);
  for (auto* watch : watches_) watch->setVisible(false);
}

QWidget* makeRunsPage(Workbench& workbench, PageHost& host) {
  auto* page = new RunsPage(workbench.runs(), workbench.transfer());
  QObject::connect(page, &RunsPage::resumeRequested, &workbench, &Workbench::resumeRun);
  QObject::connect(page, &RunsPage::branchRequested, &workbench, &Workbench::branchFrom);
  QObject::connect(page, &RunsPage::samplesRequested, &workbench, &Workbench::sampleFrom);
  QObject::connect(page, &RunsPage::cardRaised, page, [&host](const Card& card) { host.showCard(card); });
  QObject::connect(page, &RunsPage::cardDropped, page, [&host](const QString& id) { host.dismissCard(id); });
  return page;
}

}  // namespace dw::ui
