// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/runs/checkpoint_list.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include "panels/runs/checkpoint_model.h"
#include "session/runs/run_transfer.h"

namespace dw::ui {

CheckpointList::CheckpointList(RunTransfer* transfer, QWidget* parent) : QWidget(parent), transfer_(transfer) {
  setObjectName(QStringLiteral("checkpointList"));
  buildTable();
  auto* title = new QLabel(tr("Checkpoints"));
  title->setProperty("subheading", true);
  samples_ = new QPushButton(tr("Sample"));
  samples_->setObjectName(QStringLiteral("drawSamples"));
  samples_->setToolTip(tr("Draw pictures with the selected checkpoint, on the Samples page"));
  samples_->setVisible(false);
  branch_ = new QPushButton(tr("Branch from here"));
  branch_->setObjectName(QStringLiteral("branchRun"));
  branch_->setToolTip(tr("Begin a new run from the selected checkpoint; this run stays as it is"));
  branch_->setVisible(false);
  weights_ = new QPushButton(tr("Export weights…"));
  weights_->setObjectName(QStringLiteral("exportWeights"));
  weights_->setToolTip(tr("Write the weights of the selected checkpoint as a safetensors file for other programs"));
  verify_ = new QPushButton(tr("Verify"));
  verify_->setObjectName(QStringLiteral("verifyRun"));
  verify_->setToolTip(tr("Read every checkpoint of this run again and compare it with what was written"));
  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(title);
  top->addStretch(1);
  top->addWidget(samples_);
  top->addWidget(branch_);
  top->addWidget(weights_);
  top->addWidget(verify_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addLayout(top);
  column->addWidget(table_, 1);
  empty_ = new QLabel(table_->viewport());
  empty_->setObjectName(QStringLiteral("checkpointsEmpty"));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setProperty("muted", true);
  empty_->setAttribute(Qt::WA_TransparentForMouseEvents);
  connect(verify_, &QPushButton::clicked, this, [this] {
    if (watch_) transfer_->verify(watch_->folder());
  });
  connect(branch_, &QPushButton::clicked, this, [this] {
    if (const auto* row = current()) Q_EMIT branchRequested(QString::fromStdString(row->info.folder.string()));
  });
  connect(samples_, &QPushButton::clicked, this, [this] {
    if (const auto* row = current()) Q_EMIT samplesRequested(QString::fromStdString(row->info.folder.string()));
  });
  connect(weights_, &QPushButton::clicked, this, [this] {
    if (const auto* row = current()) Q_EMIT weightsRequested(QString::fromStdString(row->info.folder.string()));
  });
  connect(transfer_, &RunTransfer::verdictsChanged, model_, &CheckpointModel::verdictsChanged);
  connect(transfer_, &RunTransfer::started, this, &CheckpointList::showButtons);
  connect(transfer_, &RunTransfer::ended, this, &CheckpointList::showButtons);
  takeCheckpoints();
}

void CheckpointList::buildTable() {
  model_ = new CheckpointModel(transfer_, this);
  table_ = new QTableView;
  table_->setObjectName(QStringLiteral("checkpointTable"));
  table_->setAccessibleName(tr("Checkpoints of the selected run"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setTabKeyNavigation(false);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setWordWrap(false);
  table_->setIconSize(QSize(CheckpointModel::kPicture, CheckpointModel::kPicture));
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->verticalHeader()->hide();
  auto* header = table_->horizontalHeader();
  header->setHighlightSections(false);
  header->setMinimumSectionSize(32);
  const auto width = [this](const char* sample) { return fontMetrics().horizontalAdvance(QLatin1String(sample)) + 14; };
  for (const auto& [column, sample] : {std::pair{CheckpointModel::Loss, "0.0000 best"},
                                       {CheckpointModel::Saved, "0000-00-00 00:00"},
                                       {CheckpointModel::Size, "00.0 MB"},
                                       {CheckpointModel::Checked, "damaged"},
                                       {CheckpointModel::Keep, "Keep"}}) {
    header->resizeSection(column, width(sample));
  }
  header->resizeSection(CheckpointModel::Step, width("100,000") + CheckpointModel::kPicture);  // both stand in it
  header->setStretchLastSection(true);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, &CheckpointList::showButtons);
  connect(model_, &CheckpointModel::pinRequested, this, [this](qint64 step, bool pinned) {
    if (watch_) watch_->setPinned(step, pinned);
  });
}

void CheckpointList::setBranchable(bool branchable) { branch_->setVisible(branchable); }
void CheckpointList::setSampleable(bool sampleable) { samples_->setVisible(sampleable); }

void CheckpointList::setWatch(RunWatch* watch) {
  if (watch_ == watch) return;
  if (watch_) disconnect(watch_, nullptr, this, nullptr);
  watch_ = watch;
  if (watch_) {
    connect(watch_, &RunWatch::checkpointsChanged, this, &CheckpointList::takeCheckpoints);
    connect(watch_, &RunWatch::stateChanged, this, &CheckpointList::takeCheckpoints);
  }
  takeCheckpoints();
}

const CheckpointRow* CheckpointList::current() const {
  const auto rows = table_->selectionModel()->selectedRows();
  return rows.isEmpty() ? nullptr : model_->at(rows.front().row());
}

void CheckpointList::takeCheckpoints() {
  const auto* chosen = current();
  const auto step = chosen != nullptr ? chosen->info.step : std::int64_t{-1};
  model_->setCheckpoints(watch_ ? watch_->checkpoints() : std::vector<CheckpointRow>{});
  const int line = fontMetrics().height() + 8;
  table_->verticalHeader()->setDefaultSectionSize(model_->hasPictures() ? CheckpointModel::kPicture + 6 : line);
  for (int row = 0; row < model_->rowCount(); ++row) {
    if (model_->at(row)->info.step == step) table_->selectRow(row);
  }
  if (step < 0 && model_->rowCount() > 0) table_->selectRow(0);
  const bool reading = watch_ && !watch_->isRead();
  empty_->setText(reading ? tr("Reading…")
                          : tr("This run has no checkpoint yet. Save one with Save in the run bar while it trains."));
  empty_->setVisible(model_->rowCount() == 0);
  resizeEvent(nullptr);
  showButtons();
}

void CheckpointList::showButtons() {
  const auto* row = current();
  verify_->setEnabled(model_->rowCount() > 0 && !transfer_->isBusy());
  branch_->setEnabled(row != nullptr && row->info.damage.empty());
  samples_->setEnabled(branch_->isEnabled());
  weights_->setEnabled(branch_->isEnabled() && !transfer_->isBusy());
}

void CheckpointList::resizeEvent(QResizeEvent* event) {
  if (event != nullptr) QWidget::resizeEvent(event);
  layout()->activate();
  empty_->setGeometry(table_->viewport()->rect().adjusted(16, 4, -16, -4));
}

}  // namespace dw::ui
